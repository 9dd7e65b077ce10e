#!/usr/bin/env python3
"""Make the binary databases and programs under this folder: rpm (SQLite, with and without a log), go and cargo (tiny ELF files).

    make_packages.py

Needs only Python. The names, versions and licences are invented. Salts of the SQLite logs are random, so a second run writes other
bytes with the same content.
"""
import json, os, shutil, sqlite3, struct, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
STRING, STRING_ARRAY, INT32 = 6, 8, 4


def write(path, content):
    path = os.path.join(HERE, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(content)


def header(**tags):
    """An rpm header as the database stores it: index entries, then the store."""
    numbers = {'name': 1000, 'version': 1001, 'release': 1002, 'epoch': 1003, 'summary': 1004, 'vendor': 1011, 'license': 1014, 'url': 1020,
               'arch': 1022, 'sourcerpm': 1044, 'provides': 1047, 'requires': 1049, 'dirindexes': 1116, 'basenames': 1117, 'dirnames': 1118,
               'modularitylabel': 5096}
    index, store = b'', b''
    for tag, value in sorted(tags.items(), key=lambda t: numbers[t[0]]):
        if isinstance(value, str):
            kind, count, data = STRING, 1, value.encode() + b'\0'
        elif isinstance(value, int):
            kind, count, data = INT32, 1, struct.pack('>I', value)
        elif value and isinstance(value[0], int):
            kind, count, data = INT32, len(value), struct.pack(f'>{len(value)}I', *value)
        else:
            kind, count, data = STRING_ARRAY, len(value), b''.join(v.encode() + b'\0' for v in value)
        store += b'\0' * (-len(store) % 4)
        index += struct.pack('>4I', numbers[tag], kind, len(store), count)
        store += data
    return struct.pack('>2I', len(index) // 16, len(store)) + index + store


def package(name, version, release='1.t', **more):
    tags = dict(name=name, version=version, release=release, arch='x86_64', license='MIT', vendor='Example',
                sourcerpm=f'{name}-{version}-{release}.src.rpm', provides=[name])
    return header(**{**tags, **more})


BASE = [
    package('shell', '5.0', epoch=2, provides=['shell', '/bin/sh', 'config(shell)'], license='GPL-3.0-or-later', sourcerpm='shell-src-5.0-1.t.src.rpm',
            modularitylabel='shell:5:20260101:abcd'),
    # More than one page of 512 bytes: an overflow chain.
    package('many-files', '1.0', requires=['/bin/sh', 'rpmlib(PayloadIsZstd)', 'libone.so.1()(64bit)'], dirnames=['/usr/share/many/'],
            dirindexes=[0] * 200, basenames=[f'file-{i:04}' for i in range(200)]),
    package('libone', '1.0', provides=['libone', 'libone.so.1()(64bit)']),
]
# Enough rows for interior pages.
BASE += [package(f'filler-{i:02}', '1.0', requires=['(libone or nothing)']) for i in range(40)]


def database(folder, then=None):
    path = os.path.join(HERE, 'tmp.sqlite')
    for suffix in ('', '-wal', '-shm'):
        if os.path.exists(path + suffix):
            os.remove(path + suffix)
    con = sqlite3.connect(path, isolation_level=None)
    con.execute('PRAGMA page_size=512')
    con.execute('PRAGMA journal_mode=WAL')
    con.execute('PRAGMA wal_autocheckpoint=0')
    con.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    con.execute("CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL)")
    con.execute('BEGIN')
    for blob in BASE:
        con.execute('INSERT INTO Packages (blob) VALUES (?)', (blob,))
    con.execute('COMMIT')
    con.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    if then:
        then(con)
    for suffix in ('', '-wal'):
        with open(path + suffix, 'rb') as f:
            content = f.read()
        if suffix == '' or content or then:
            write(f'{folder}/layer-0/var/lib/rpm/rpmdb.sqlite{suffix}', content)
    con.close()
    for suffix in ('', '-wal', '-shm'):
        if os.path.exists(path + suffix):
            os.remove(path + suffix)


def in_log(con):
    """One package added, one removed, both committed to the log only; then one that is never committed."""
    con.execute('BEGIN')
    con.execute('INSERT INTO Packages (blob) VALUES (?)', (package('in-log', '3.0', requires=['shell']),))
    con.execute('DELETE FROM Packages WHERE hnum = 4')
    con.execute('COMMIT')


def elf(sections):
    """A 64-bit little-endian ELF file whose sections are the given ones, mapped by one segment."""
    names = b'\0'
    body, places = b'', []
    for name, content in sections.items():
        body += b'\0' * (-len(body) % 16)
        places.append((len(names), 0x100 + len(body), len(content)))
        names += name.encode() + b'\0'
        body += content
    names_name = len(names)
    names += b'.shstrtab\0'
    names_at = 0x100 + len(body)
    body += names
    body += b'\0' * (-len(body) % 8)
    table_at = 0x100 + len(body)
    headers = bytes(64)
    for name, at, size in places:
        headers += struct.pack('<IIQQQQIIQQ', name, 1, 3, 0x400000 + at, at, size, 0, 0, 16, 0)
    headers += struct.pack('<IIQQQQIIQQ', names_name, 3, 0, 0, names_at, len(names), 0, 0, 1, 0)
    start = b'\x7fELF\x02\x01\x01' + bytes(9) + struct.pack('<HHIQQQIHHHHHH', 2, 62, 1, 0, 64, table_at, 0, 64, 56, 1, 64, len(places) + 2, len(places) + 1)
    segment = struct.pack('<IIQQQQQQ', 1, 6, 0, 0x400000, 0x400000, table_at, table_at, 4096)
    start += segment
    return start + bytes(0x100 - len(start)) + body + headers


def go_program(modules):
    text = b'0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6' + modules.encode() + b'\xf92C1\x86\x18 r\x00\x82B\x10A\x16\xd8\xf2'
    strings = b''
    for s in (b'go1.22.1', text):
        length, n = b'', len(s)
        while n >= 0x80:
            length += bytes([n & 0x7f | 0x80])
            n >>= 7
        strings += length + bytes([n]) + s
    return elf({'.go.buildinfo': b'\xff Go buildinf:' + bytes([8, 2]) + bytes(16) + strings})


def cargo_program(packages):
    return elf({'.dep-v0': zlib.compress(json.dumps({'packages': packages}).encode(), 9)})


def main():
    for folder in ('rpm', 'go', 'cargo'):
        shutil.rmtree(os.path.join(HERE, folder), ignore_errors=True)
    database('rpm/checkpointed')
    database('rpm/logged', in_log)
    old = 'path\texample.org/tool/cmd/tool\nmod\texample.org/tool\tv1.0.0\th1:a=\ndep\texample.org/kept\tv0.1.0\th1:b=\ndep\texample.org/dropped\tv0.1.0\th1:c=\n'
    new = ('path\texample.org/tool/cmd/tool\nmod\texample.org/tool\tv1.0.0\th1:a=\ndep\texample.org/kept\tv0.1.0\th1:b=\n'
           'dep\texample.org/forked\tv0.2.0\n=>\texample.org/Fork/v2\tv2.0.0\th1:d=\nbuild\tGOOS=linux\n')
    write('go/rebuilt/layer-0/usr/bin/tool', go_program(old))
    write('go/rebuilt/layer-1/usr/bin/tool', go_program(new))
    crates = [
        {'name': 'tool', 'version': '0.1.0', 'source': 'local', 'dependencies': [1, 2], 'root': True},
        {'name': 'library', 'version': '1.2.3', 'source': 'crates.io'},
        {'name': 'macros', 'version': '2.0.0-rc.1+x', 'source': 'crates.io', 'kind': 'build', 'dependencies': [1]},
    ]
    write('cargo/copied/layer-0/usr/bin/tool', cargo_program(crates))
    write('cargo/copied/layer-1/opt/tool', cargo_program(crates))


if __name__ == '__main__':
    main()
