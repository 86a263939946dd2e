package dev.bezant.build;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** As much of ELF as tells whether the NDK made a library. */
final class Elf {
    private static final int PT_NOTE = 4;
    private static final int NT_ANDROID_IDENT = 1;

    private Elf() {}

    /** The note that the NDK's start files leave: its API level and its version. */
    static boolean hasAndroidNote(byte[] file) {
        if (file.length < 64 || file[0] != 0x7f || file[1] != 'E' || file[2] != 'L' || file[3] != 'F') {
            throw new Refused("not an ELF file");
        }
        boolean wide = file[4] == 2;
        ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int headers = wide ? Math.toIntExact(elf.getLong(32)) : elf.getInt(28);
        int size = elf.getShort(wide ? 54 : 42);
        int count = elf.getShort(wide ? 56 : 44);
        for (int header = headers; header < headers + size * count; header += size) {
            if (elf.getInt(header) != PT_NOTE) {
                continue;
            }
            int offset = wide ? Math.toIntExact(elf.getLong(header + 8)) : elf.getInt(header + 4);
            int length = wide ? Math.toIntExact(elf.getLong(header + 32)) : elf.getInt(header + 16);
            if (hasAndroidNote(elf, offset, offset + length)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasAndroidNote(ByteBuffer elf, int from, int to) {
        byte[] owner = "Android\0".getBytes(StandardCharsets.US_ASCII);
        int at = from;
        while (at + 12 <= to) {
            int nameLength = elf.getInt(at);
            int contentLength = elf.getInt(at + 4);
            if (nameLength == owner.length && elf.getInt(at + 8) == NT_ANDROID_IDENT
                    && elf.slice(at + 12, nameLength).equals(ByteBuffer.wrap(owner))) {
                return true;
            }
            at += 12 + aligned(nameLength) + aligned(contentLength);
        }
        return false;
    }

    private static int aligned(int length) {
        return length + 3 & ~3;
    }
}
