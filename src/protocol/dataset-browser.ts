import { z } from 'zod';
import { splitNameSchema } from './dataset-report';

/**
 * The sample browser: its webview asks, the extension host passes on, and a child process of its own (`distill data serve`)
 * decodes and answers. Pixels travel as ArrayBuffer all the way, never as text.
 */

/** Value of a pixel whose stored value is no class id of the dataset; class ids are below. 255 is ignored. */
export const UNKNOWN_CLASS = 254;

const place = { split: splitNameSchema, index: z.int().min(0) };

export const browserRequestSchema = z.discriminatedUnion('kind', [
  /** Which samples of a split, all conditions together. */
  z.object({
    kind: z.literal('find'),
    request: z.int(),
    split: splitNameSchema,
    /** Part of the name, upper or lower case; empty: any. */
    name: z.string().max(500),
    /** Contains this class, as far as its label map was read by a check. */
    classId: z.int().min(0).nullable(),
    /** Only those in which a check found a problem. */
    problems: z.boolean(),
  }),
  z.object({ kind: z.literal('sample'), ...place }),
]);
export type BrowserRequest = z.infer<typeof browserRequestSchema>;

const bytes = z.instanceof(ArrayBuffer);

export const browserAnswerSchema = z.discriminatedUnion('kind', [
  /** First, and once. */
  z.object({
    kind: z.literal('opened'),
    title: z.string(),
    folder: z.string(),
    classes: z.array(z.object({ name: z.string(), color: z.tuple([z.int(), z.int(), z.int()]) })),
    splits: z.array(z.object({ split: splitNameSchema, count: z.int() })),
  }),
  z.object({
    kind: z.literal('found'),
    request: z.int(),
    split: splitNameSchema,
    /** Indices within the split as int32, increasing. */
    indices: bytes,
    /** Samples of the split whose label maps a check has read: nothing is known of the classes of the others. */
    known: z.int(),
    of: z.int(),
  }),
  z.object({
    kind: z.literal('sample'),
    ...place,
    id: z.string(),
    imageFile: z.string(),
    labelFile: z.string(),
    /** Of the pictures below. */
    width: z.int(),
    height: z.int(),
    /** Every so many-th pixel and row was sent; 1: all of them. */
    stride: z.int().min(1),
    /** [height,width,3] RGB; null: unreadable. */
    image: bytes.nullable(),
    /** [height,width] class ids, 255 ignored, `UNKNOWN_CLASS`; null: unreadable, or of another size than the image. */
    label: bytes.nullable(),
    /** [height,width] the values as stored, uint8 or uint16. */
    raw: bytes.nullable(),
    /** What is wrong with it; complete sentences. */
    problems: z.array(z.string()),
  }),
  /** A request could not be met. */
  z.object({ kind: z.literal('problem'), message: z.string() }),
]);
export type BrowserAnswer = z.infer<typeof browserAnswerSchema>;
export type BrowserSample = Extract<BrowserAnswer, { kind: 'sample' }>;

/** What the host tells the webview beside the answers. */
export const toBrowserSchema = z.discriminatedUnion('kind', [
  ...browserAnswerSchema.options,
  /** First: which dataset the panel shows; its page keeps it. */
  z.object({ kind: z.literal('about'), dataset: z.string() }),
  /** A check has read more: what is known of classes and problems is to be asked anew. */
  z.object({ kind: z.literal('checked') }),
  /** Show the samples of this name. */
  z.object({ kind: z.literal('goto'), split: splitNameSchema, name: z.string() }),
]);
export type ToBrowser = z.infer<typeof toBrowserSchema>;

/** What the webview tells the host beside its requests. */
export const fromBrowserSchema = z.discriminatedUnion('kind', [
  ...browserRequestSchema.options,
  z.object({ kind: z.literal('ready') }),
  /** Open a file of the sample that was sent last. */
  z.object({ kind: z.literal('openFile'), which: z.enum(['image', 'label']) }),
  /** Read every file, so that all classes are known. */
  z.object({ kind: z.literal('checkFully') }),
]);
export type FromBrowser = z.infer<typeof fromBrowserSchema>;

/** Which dataset a browser panel shows; kept with `setState`, so that it finds it again after a window reload. */
export const browserStateSchema = z.looseObject({ dataset: z.string() });
