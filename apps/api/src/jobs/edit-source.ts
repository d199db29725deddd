import type { Box, EditFields, ErrorCode } from '@atelier/contracts';
import { ApiError } from '../http/api-error.js';
import type { RouteContext } from '../http/route.js';
import { type EditMask, editMask } from '../images/edit-mask.js';
import { namedImages } from '../images/named-images.js';
import { type UploadedImage, uploadedImages } from '../images/uploaded-images.js';

/** What an edit starts from, checked as far as that needs no weights. */
export interface EditSource {
  readonly images: readonly UploadedImage[];
  /** One per picture, where the caller named them. */
  readonly roles?: readonly string[];
  readonly mask?: EditMask;
  /** In fractions of the first picture. */
  readonly editBox?: Box;
  readonly controlFrom?: 'map' | 'picture';
}

/** The pictures of a form's files or of a JSON body's texts, and what is said about them. */
export async function editSourceOf(
  context: Pick<RouteContext, 'deps' | 'files'>,
  body: Omit<EditFields, 'images' | 'mask'> & Partial<Pick<EditFields, 'images' | 'mask'>>,
): Promise<EditSource> {
  const files = [...context.files, ...(await namedImages(body, context))];
  const images = uploadedImages(files);
  const masks = files.filter(({ field }) => field === 'mask');
  const [maskFile] = masks;
  if (masks.length > 1) throw new ApiError('invalid_parameter', { param: 'mask', message: 'One mask is enough.' });
  const mask = maskFile && (await editMask(maskFile, images[0] as UploadedImage));
  const { roles, edit_box: editBox, control_from: controlFrom } = body;
  if (roles && roles.length !== images.length) {
    const message = `"roles" names ${roles.length} pictures, and ${images.length} were sent.`;
    throw new ApiError('invalid_parameter', { param: 'roles', message });
  }
  return {
    images,
    ...(roles ? { roles } : {}),
    ...(mask ? { mask } : {}),
    ...(editBox ? { editBox } : {}),
    ...(controlFrom ? { controlFrom } : {}),
  };
}

/** What can be wrong with pictures that come with a request. */
export const PICTURE_ERRORS = [
  'invalid_image',
  'image_too_large',
  'link_expired',
  'image_not_found',
] as const satisfies readonly ErrorCode[];

/** The rest of the body: pictures are identified by their content, not by how they came. */
export function withoutPictures<B extends Partial<EditFields>>(body: B): Omit<B, keyof EditFields> {
  const { images: _images, mask: _mask, roles: _roles, edit_box: _box, control_from: _from, ...rest } = body;
  return rest;
}
