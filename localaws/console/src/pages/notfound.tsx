import { Empty } from "../components/empty";
import { href } from "../router";

export function NotFound() {
  return <Empty title="There is no such page"><p><a href={href("traces")}>Go to the traces</a></p></Empty>;
}
