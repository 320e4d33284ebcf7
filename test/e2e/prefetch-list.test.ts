/** Whether the lists that are kept are those of the runtime as it is: a page that no list has is one that a start waits for. */
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { manifest } from "../../layer/manifest.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { pagesOf, parsePrefetchList, prefetchListFile } from "../../src/layer/prefetch-list.ts";
import { touchedPages } from "../../src/layer/record-prefetch-list.ts";
import { skip, suite } from "../helpers/suite.ts";

const test = suite("a start from a cold disk");

/** Of pages that are touched each time; another processor may take other code of a library. */
const outsideMax = 8;

/** 0.8 MB of seventeen: to read them for nothing costs next to nothing, but it must not become more with each change. */
const unusedMax = 200;

for (const name of manifest.engines) {
  test(
    `touches no page of ${name} but those of its list, and most of these`,
    async () => {
      if (process.getuid?.() !== 0) skip("a disk that reads nothing ahead takes root to make");
      const { runs } = parsePrefetchList(readFileSync(prefetchListFile(name, hostArchitecture), "utf8"));
      const listed = new Set(pagesOf(runs));
      const { first, byLife } = await touchedPages(name, hostArchitecture, 1);
      const again = await touchedPages(name, hostArchitecture, 1);
      for (const [life, pages] of byLife) {
        // What is touched only now and then depends on when V8 finds the time, and says nothing of the list.
        const outside = [...pages].filter((page) => !listed.has(page) && again.byLife.get(life)?.has(page));
        const many = `${outside.length} pages that are not in the list`;
        assert.ok(outside.length <= outsideMax, `${life} touches ${many}: ${advice}`);
      }
      const asked = new Set([...listed].slice(0, first.size));
      const late = [...first].filter((page) => !asked.has(page));
      assert.ok(
        late.length <= outsideMax,
        `${late.length} pages are asked for later than they are waited for: ${advice}`,
      );
      const all = new Set([...byLife.values(), ...again.byLife.values()].flatMap((pages) => [...pages]));
      const unused = [...listed].filter((page) => !all.has(page) && !first.has(page));
      assert.ok(unused.length <= unusedMax, `Nobody touches ${unused.length} pages of the list: ${advice}`);
    },
    { timeoutMs: 300_000 },
  );
}

const advice = 'record it again with "npm run build -- prefetch-list"';

test.run();
