import { describeConvolutions } from './check-convolutions';

describeConvolutions('baseline');
