export interface Server {
  url: string;
  version: string;
  pid: number;
}
