#!/usr/bin/env python3
"""猜一猜一段乱码是怎么来的。

用法：python3 diagnose.py '浣犲ソ'

做法：假设文字按 A 表写成字节，又被人按 B 表读错。于是按 B 表写回字节，再按 A 表读一遍。
读得通的组合都是候选，常用字越多，越靠前。
"""

import sys

# 写的人可能用的表，和读的人可能用错的表。按需要增减。
WRITERS = ["utf-8", "gb18030", "big5", "shift_jis"]
READERS = ["gbk", "latin-1", "cp1252", "big5", "utf-8"]

# 最常用的一小批汉字，用来给候选打分。
COMMON = set("的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小好文字编码")


def score(text: str) -> float:
    """常用字记 2 分，其他汉字与 ASCII 记 1 分，其余（私用区、控制符、带帽子的字母）扣 1 分；取平均。"""
    total = 0
    for ch in text:
        if ch in COMMON:
            total += 2
        elif "\u4e00" <= ch <= "\u9fff" or " " <= ch <= "~":
            total += 1
        else:
            total -= 1
    return total / max(len(text), 1)


def candidates(broken: str):
    """每一种说得通的解释：（分数， 说明， 还原的文字）。"""
    seen = set()
    for reader in READERS:
        try:
            data = broken.encode(reader)
        except UnicodeEncodeError:
            continue
        for writer in WRITERS:
            if writer == reader:
                continue
            try:
                text = data.decode(writer)
            except UnicodeDecodeError:
                continue
            if text != broken and text not in seen:
                seen.add(text)
                yield score(text), f"{writer} 被当成 {reader}", text


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    broken = sys.argv[1]
    if "\ufffd" in broken or "锟斤拷" in broken:
        print("有替换符：一部分原文已经丢了，只能回到原来的文件。")
    better = [c for c in sorted(candidates(broken), reverse=True) if c[0] > score(broken)]
    if not better:
        print("没有找到更像话的读法。")
        return 1
    best = better[0][0]
    for points, how, text in better[:3]:
        if points * 2 < best:
            break  # 比第一名差太远，不必拿来添乱
        print(f"{how}：{text}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
