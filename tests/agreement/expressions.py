"""Expressions that both judges compute: every operator and function that forms may use, over full, odd and empty data."""

from __future__ import annotations

from typing import Any

DATA: list[dict[str, Any]] = [
    {
        "name": "Nguyễn Thị Hiền",
        "group": "orphan",
        "born": "1990-09-02",
        "wed": "2015-01-01",
        "copies": 3,
        "pages": 40,
        "area": 120.5,
        "price": 1_500_000,
        "agreed": True,
        "lines": ["an", "o", "di"],
        "numbers": [1, 2, 3],
        "children": [{"name": "An", "born": "2020-05-01", "age": 6}, {"name": "Bình", "born": "2022-02-28", "age": 4}],
        "span": {"from": "2026-01-01", "to": "2026-02-01"},
    },
    {
        "name": "đ🇻🇳 x",
        "group": "",
        "born": "31/02/1990",
        "wed": "2024-02-29",
        "copies": 0,
        "pages": -7,
        "area": 3.0,
        "price": 10**15,
        "agreed": False,
        "lines": [],
        "numbers": [0, -1],
        "children": [{"name": "Cúc"}],
        "span": {"from": "2026-01-01"},
    },
    {},
    {
        "name": 5,
        "group": None,
        "born": "20200229",
        "copies": "ba",
        "pages": 1.5,
        "area": 7,
        "agreed": "true",
        "lines": "an",
    },
]

_LOGIC = r"""
true
false
null
!agreed
!!agreed
agreed
agreed && copies > 2
agreed || copies > 2
agreed && !(copies > 2)
!(agreed && copies > 2) || group == 'orphan'
true || copies / 0 == 1
copies / 0 == 1 || true
false && copies / 0 == 1
copies / 0 == 1 && false
copies / 0 == 1 && true
copies / 0 == 1 || false
null || true
true || null
null && false
false && null
null || false
'a' || true
true && 'a'
agreed ? 'co' : 'khong'
copies > 2 ? copies * 2 : copies
null ? 1 : 2
agreed ? copies : agreed ? 1 : 2
(agreed ? 1 : 2) == 1
copies > 2 == true
"""
_COMPARING = r"""
group == 'orphan'
group != 'orphan'
group == null
group != null
null == null
null != null
null == false
null == 0
null == ''
name == "Nguyễn Thị Hiền"
name == 'Nguyễn Thị Hiền'
name < 'o'
name >= 'Nguyễn'
'a' < 'b'
'a' < 'B'
'đ' > 'z'
'ư' > 'u'
'🇻🇳' > '\uffee'
'abc' <= 'abc'
'ab' < 'abc'
born < wed
born <= today
wed > born
wed > null
null > wed
null < null
copies == 3
copies == 3.0
copies != 3.0
copies > 2.5
copies <= 3.0
area > 100
area >= 120.5
area == 120.5
1 == 1.0
1.0 == 1
0.1 + 0.2 == 0.3
1 < 1.5
true == 1
true > false
false < true
true < 1
'1' == 1
'1' < 2
'10' < '9'
copies == '3'
lines == ['an', 'o', 'di']
numbers == [1, 2, 3]
numbers == [1.0, 2.0, 3.0]
[1, 'a'] == [1, 'a']
[] == []
[null] == [null]
[1, 2] == [2, 1]
[1] < [2]
span == span
children == children
copies in [1, 2, 3]
copies in [1.0, 2.0, 3.0]
"""
_COUNTING = r"""
copies + 1
copies - 1
copies * pages
pages / copies
pages % copies
-copies
- copies
--copies
1 - -1
1 -1
2 + 3 * 4
(2 + 3) * 4
10 - 4 - 3
100 / 10 / 5
7 / 2
-7 / 2
7 % 3
-7 % 3
7 % -3
7.0 / 2.0
7 / 2.0
1 + 1.0
1.5 * 2
area * 2.0
area * 2
area + 1
double(area) * 2.0
double(copies) / 2.0
1 / 0
1 % 0
1.0 / 0.0
-1.0 / 0.0
1.0 / 0.0 > 100.0
0.0 / 0.0 == 0.0 / 0.0
0.0 / 0.0 < 1.0
9223372036854775807 + 1
9223372036854775807
-9223372036854775807 - 1
price * price
price * 10000
4000 + (pages - 2) * 1000 >= 200000
0x10
0x10 + 1
1e3
.5 + .5
1.5e-3
null + 1
1 + null
'a' + 'b'
name + '!'
'a' + 1
1 + 'a'
[1] + [2, 3]
lines + ['ve']
[1] + null
-null
-'a'
2.5 % 2.0
int('12') + 1
int('12.5')
int(' 12')
int('')
int('+7')
int('-7')
int(12.9)
int(-12.9)
int(null)
int(true)
double('12.5')
double('12')
double('1e2')
double('.5')
double('5.')
double('abc')
double('')
double(null)
double(3)
double(true)
string(12)
string(12.5)
string(3.0)
string(true)
string(null)
string('a')
string(-5)
int(copies)
double(pages) > 2.0
"""
_TEXTS = r"""
size(name)
name.size()
size('')
size('Hiền')
size('🇻🇳')
size(lines)
lines.size()
size(numbers) == 3
size([])
size(null)
size(5)
size(span)
size(lines) > 2 && group == 'orphan'
name.contains('Thị')
name.contains('thị')
name.contains('')
name.contains(5)
name.contains(null)
name.startsWith('Nguyễn')
name.startsWith('')
name.endsWith('Hiền')
name.endsWith(group)
group.contains('orphan')
null.contains('a')
'abc'.contains('b')
'a.b'.contains('.')
name.matches('^\\p{L}')
name.matches('^\\p{L}[\\p{L}\\p{M} ]*$')
name.matches('^\\p{Lu}')
name.matches('\\pL+')
name.matches('\\P{L}')
name.matches('^[A-Za-z ]+$')
name.matches(r'^\p{L}+( \p{L}+)*$')
name.matches('Thị')
name.matches('')
name.matches(null)
'12'.matches('^\\d+$')
'１２'.matches('^\\d+$')
'a b'.matches('^\\w+\\s\\w+$')
'ư'.matches('^\\w$')
'a\u00a0b'.matches('a\\sb')
'a\nb'.matches('a.b')
'a\rb'.matches('a.b')
'74A-123.45'.matches('^[0-9]{2}[A-Z]-[0-9.]{5,6}$')
'a-b'.matches('^a\\-b$')
'a/b'.matches('^a/b$')
'a&b'.matches('^[&a-z]+$')
'DK 481205'.matches('^[A-ZĐ]{1,2} ?\\d{6,8}$')
'ĐK 481205'.matches('^[A-ZĐ]{1,2} ?\\d{6,8}$')
'abc'.matches('(?:a|x)bc')
'abc'.matches('(a)(b)c')
'abc'.matches('(?i)ABC')
'abc'.matches('[')
'abc'.matches('a{2}')
'aa'.matches('^a{2}$')
'abc'.matches('^.+?$')
'abc\n'.matches('abc$')
'Abc'.matches('\\Aabc\\z')
'[x]'.matches('^\\[x\\]$')
'x]'.matches('^[x\\]]+$')
"tab\there"
'it\'s'
"nói \"có\""
'\u0111' == 'đ'
'\x41'
'\101'
r'\d'
'a // b'
copies // bình luận
"""
_PLACES = r"""
group in ['orphan', 'hiv_poor']
!(group in ['orphan', 'hiv_poor'])
'an' in lines
'x' in lines
2 in numbers
2.0 in numbers
null in [null]
null in []
'a' in 'abc'
'from' in span
'den' in span
1 in null
lines[0]
lines[9]
lines[-1]
lines['a']
numbers[1] + 1
numbers[1.0]
span['from']
span['x']
span.from
span.to
span.x
has(span.to)
has(span.x)
has(span.from) && span.from < today
has(children[0].born)
children[0].name
children[1].age
children[0].name == 'An'
children[5].name
name.x
null.x
has(name.x)
has(group.x)
has(lines.x)
[1, 2, 3][1]
[1, 2, 3,]
['a', 'b'][copies - 3]
lines.all(x, x != '')
lines.exists(x, x == 'o')
lines.exists_one(x, x == 'o')
lines.filter(x, x != 'o')
lines.map(x, x + '!')
numbers.map(n, n * 2)
numbers.map(n, n > 1, n * 2)
numbers.filter(n, n % 2 == 1)
numbers.all(n, n > 0)
numbers.exists(n, n > 2)
numbers.exists(n, n / 0 == 1)
numbers.exists(n, n == 1 || n / 0 == 1)
numbers.all(n, n)
numbers.exists_one(n, n)
children.all(c, c.age < 18)
children.exists(c, has(c.born) && c.born >= '2022-01-01')
children.filter(c, has(c.age) && c.age < 5).size()
children.map(c, c.name)
children.map(c, age(c.born))
null.all(x, x)
'abc'.all(x, x == 'a')
[].all(x, false)
[].exists(x, true)
[[1, 2], [3]].map(l, l.size())
[1, 2].exists(copies, copies == 2)
"""
_DAYS = r"""
today
today > born
age(born)
age(born) >= 18
age('2026-11-26')
age('2000-02-29')
age('khong')
age(null)
age('1990-9-2')
age('19900902')
age(19900902)
age('0001-01-01')
age('0000-01-01')
age('9999-12-31')
age(today)
age()
age(born, wed)
days_between(born, wed)
days_between(wed, born)
days_between('2024-02-28', '2024-03-01')
days_between('2023-02-28', '2023-03-01')
days_between('x', wed)
days_between(born, today) > 365 * 18
days_between(null, null)
age(born) + 1
age(born) < 6 || group == 'orphan'
born <= today && age(born) < 100
double(age(born)) / 2.0 > 9.0
"""
_UNKNOWN = r"""
strange
strange == null
strange > 3
strange.x
has(strange.x)
strange == null || strange > 3
"""


#: Every expression, by subject.
TABLE = {
    subject: lines.strip().split("\n")
    for subject, lines in {
        "logic": _LOGIC,
        "comparing": _COMPARING,
        "counting": _COUNTING,
        "texts, patterns": _TEXTS,
        "lists, maps, macros": _PLACES,
        "days": _DAYS,
        "unknown names": _UNKNOWN,
    }.items()
}
