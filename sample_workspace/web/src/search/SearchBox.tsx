import { useEffect, useState } from "react";
import { debounce } from "./debounce";

interface Props {
  onQuery(text: string): void;
}

/** The field in the page header where people paste a tracking number. */
export function SearchBox({ onQuery }: Props) {
  const [text, setText] = useState("");
  useEffect(() => {
    const later = debounce(onQuery, 250);
    later(text.trim());
  }, [text, onQuery]);
  return <input type="search" value={text} onChange={(event) => setText(event.target.value)} aria-label="Tracking number" />;
}
