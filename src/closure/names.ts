/** Names that a carried function's source uses for what no variable of its own could give it. */
export const HERITAGE = '__prong_parent';
export const KEY = '__prong_key';
export const META = '__prong_meta';
