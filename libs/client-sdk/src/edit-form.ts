/** Body of `POST /v1/images/edits`; what is left out is for the server to choose. */
export interface ImageEditBody {
  readonly prompt: string;
  /** PNG, JPEG, WebP or AVIF, in the order of the task's roles; mostly the first one is the picture to change. */
  readonly images: readonly Blob[];
  /** PNG of the first picture's size: what is transparent may change. */
  readonly mask?: Blob;
  /** @default what the mask or the prompt asks for */
  readonly task?: string;
  /** One per picture, such as `['scene', 'style']`. @default the usual ones of the task */
  readonly roles?: readonly string[];
  /** `picture`: outlines for the tasks `edges` and `sketch` are made of an ordinary picture. @default map */
  readonly control_from?: 'map' | 'picture';
  readonly model?: string;
  readonly n?: number;
  readonly size?: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly guidance?: number;
  readonly best_of?: number;
  /** Where the thing that is to change lies: `x,y,width,height` in fractions of the picture. */
  readonly edit_box?: string;
  readonly output_format?: 'png' | 'webp' | 'jpeg';
  readonly expand_prompt?: 'off' | 'auto';
  /** Refuse what would otherwise be a warning. */
  readonly strict?: boolean;
  readonly response_format?: 'url' | 'b64_json';
}

/** The same as a multipart form: numbers become text, several pictures the repeated field `image[]`. */
export function editForm({ images, mask, ...fields }: ImageEditBody & { readonly async?: true }): FormData {
  const form = new FormData();
  for (const image of images) form.append(images.length > 1 ? 'image[]' : 'image', image);
  if (mask) form.append('mask', mask);
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, String(value));
  return form;
}
