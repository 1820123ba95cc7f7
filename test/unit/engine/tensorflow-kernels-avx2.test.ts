import { describeConvolutions } from './check-convolutions';

describeConvolutions('avx2');
