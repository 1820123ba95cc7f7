import type { BackboneName } from '../../protocol/networks';

/** Published channel counts of the heads that work on the last stage of a dilated backbone. */
interface HeadWidths {
  cirkd: {
    /** Of each branch of the pyramid and of what follows it. */
    deepLabV3: number;
    /** Of each bin: a quarter of the backbone's channels. */
    bin: number;
    pspNet: number;
    /** Of FCN heads on the third and on the last stage: a quarter of the stage's channels. */
    aux: number;
    fcn: number;
  };
  mmseg: {
    /** Of all convolutions of a head. */
    head: number;
    aux: number;
  };
}

/**
 * Sources: CIRKD, models/{deeplabv3,pspnet,deeplabv3_mobile,psp_mobile}.py; mmsegmentation, configs/_base_/models and the
 * configurations named r18-d8 and m-v2-d8. CIRKD has no FCN; its widths are those of its auxiliary FCN heads.
 */
const WIDTHS: Partial<Record<BackboneName, HeadWidths>> = {
  resnet18: {
    cirkd: { deepLabV3: 128, bin: 128, pspNet: 128, aux: 64, fcn: 128 },
    mmseg: { head: 128, aux: 64 },
  },
  resnet50: {
    cirkd: { deepLabV3: 256, bin: 512, pspNet: 512, aux: 256, fcn: 512 },
    mmseg: { head: 512, aux: 256 },
  },
  resnet101: {
    cirkd: { deepLabV3: 256, bin: 512, pspNet: 512, aux: 256, fcn: 512 },
    mmseg: { head: 512, aux: 256 },
  },
  mobilenetv2: {
    cirkd: { deepLabV3: 128, bin: 80, pspNet: 128, aux: 24, fcn: 80 },
    mmseg: { head: 512, aux: 256 },
  },
};

export function headWidths(backbone: BackboneName): HeadWidths {
  // The models that ask are offered with these backbones only (networks.ts).
  return WIDTHS[backbone]!;
}
