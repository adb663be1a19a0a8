import { posix } from 'prong';

console.log(Object.keys(posix));
