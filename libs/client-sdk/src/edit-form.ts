/** Body of `POST /v1/images/edits`; what is left out is for the server to choose. */
export interface ImageEditBody {
  readonly prompt: string;
  /** PNG, JPEG, WebP or AVIF; the first one is the picture to change. */
  readonly images: readonly Blob[];
  readonly task?: string;
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
export function editForm({ images, ...fields }: ImageEditBody): FormData {
  const form = new FormData();
  for (const image of images) form.append(images.length > 1 ? 'image[]' : 'image', image);
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.append(name, String(value));
  return form;
}
