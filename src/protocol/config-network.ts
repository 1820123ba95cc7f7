import { z } from 'zod';
import { BACKBONES, MODELS, OUTPUT_STRIDES, STEMS, STYLES, USUAL_BACKBONE } from './networks';

/** As it is written; what is left out is as published. */
const written = z.strictObject({
  model: z.enum(MODELS).default('deeplabv3').describe('Segmentation network, built on the backbone.'),
  backbone: z
    .enum(BACKBONES)
    .optional()
    .describe(
      'Feature extractor. Default: the smallest that the model is published with, which is resnet18, stdc1 for `stdc` and hrnetv2-w18-small for `ocrnet`.',
    ),
  style: z
    .enum(STYLES)
    .optional()
    .describe(
      'Whose reading of the papers: head widths, dilations, initial weights, how maps are resized and the names in checkpoints follow CIRKD (the code base of RDD and LAD) or mmsegmentation, or `official`, the repository of the network itself (STDC). Default: cirkd where it has the network.',
    ),
  stem: z
    .enum(STEMS)
    .optional()
    .describe(
      'First convolutions of a ResNet. `v1s`: three 3x3 of 64, 64, 128 channels (CIRKD); `v1c`: of 32, 32, 64 (mmsegmentation); `7x7`: one, as in torchvision. Default: that of the style.',
    ),
  outputStride: z
    .literal([...OUTPUT_STRIDES])
    .optional()
    .describe(
      'Size of the image over size of the logits. ResNet and MobileNetV2 keep the size in their last stages and dilate instead: 8 as published, 16 or 32 for less work.',
    ),
  auxHead: z
    .boolean()
    .optional()
    .describe(
      'Whether the auxiliary heads are there, which take part in training only. Default: as published.',
    ),
  width: z
    .number()
    .positive()
    .max(4)
    .default(1)
    .describe(
      'Multiplier of every channel count; 1 is the published network. Channel counts are rounded to multiples of 4.',
    ),
  checkpoint: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Trained weights of the whole network: .safetensors, a PyTorch checkpoint (.pth, .pt, .pkl; read, never executed) or the model.json of TensorFlow.js. A teacher is taken as it is and its stage is skipped; a student begins from it. Relative to the configuration file.',
    )
    .meta({ format: 'weights' }),
  init: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Weights to begin from, of the same formats, that may fit in part: a backbone trained on ImageNet, a network of other classes. The network is trained; what the file does not have is drawn. The journal lists what was loaded, missing, unexpected and of another shape.',
    )
    .meta({ format: 'weights' }),
});

/** `student` and `teacher` of a configuration. What is still left out, src/nn/networks.ts fills in. */
export const segmenterSchema = written.transform(({ backbone, ...network }) => ({
  ...network,
  backbone: backbone ?? USUAL_BACKBONE[network.model],
}));
