/** A language code as AudioHook takes it (BCP 47), such as `en-US`. */
export const LANGUAGE_CODE = /^[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,4}$/i;
