package io.buildledger.builder.attaching;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessagePacker;
import org.msgpack.core.MessageUnpacker;

/**
 * Messages as MessagePack. Reading takes memory in proportion to the bytes that came, whatever
 * sizes they claim.
 */
final class WireFormat {

    /** The protocol's own messages are six levels deep at most. */
    private static final int DEPTH = 32;

    /** Values in one message; a list of all files of a large directory must fit. */
    private static final int VALUES = 1_000_000;

    private WireFormat() {}

    /**
     * @throws IllegalArgumentException if there is a value in it that MessagePack has no form for;
     *     the message says where
     */
    static byte[] encode(Map<String, ? extends @Nullable Object> message) {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            packMap(packer, message, "");
            return packer.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @throws MalformedMessageException if it is not one map with text for keys, or too much
     */
    static Map<String, @Nullable Object> decode(byte[] bytes) throws MalformedMessageException {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(bytes)) {
            Reading reading = new Reading(unpacker, bytes.length);
            if (!(reading.value(0) instanceof Map<?, ?> map)) {
                throw new MalformedMessageException("it is not a map");
            }
            if (reading.left() > 0) {
                throw new MalformedMessageException(
                        "%d bytes follow its end".formatted(reading.left()));
            }
            @SuppressWarnings("unchecked")
            Map<String, @Nullable Object> message = (Map<String, @Nullable Object>) map;
            return message;
        } catch (MessagePackException | IOException e) {
            throw new MalformedMessageException("it is not MessagePack: " + e.getMessage());
        }
    }

    private static void pack(MessagePacker packer, @Nullable Object value, String where)
            throws IOException {
        switch (value) {
            case null -> packer.packNil();
            case String text -> packer.packString(text);
            case Boolean bool -> packer.packBoolean(bool);
            case Integer number -> packer.packInt(number);
            case Long number -> packer.packLong(number);
            case BigInteger number -> packer.packBigInteger(number);
            case Double number -> packer.packDouble(number);
            case byte[] bytes -> packer.packBinaryHeader(bytes.length).writePayload(bytes);
            case Collection<?> list -> {
                packer.packArrayHeader(list.size());
                int index = 0;
                for (Object element : list) {
                    pack(packer, element, where + "[" + index++ + "]");
                }
            }
            case Map<?, ?> map -> packMap(packer, map, where);
            default ->
                    throw new IllegalArgumentException(
                            "%s: a value of %s can't be sent to a worker"
                                    .formatted(where, value.getClass()));
        }
    }

    private static void packMap(MessagePacker packer, Map<?, ?> map, String where)
            throws IOException {
        packer.packMapHeader(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String key)) {
                throw new IllegalArgumentException(
                        "%s: a key must be text, not %s".formatted(where, entry.getKey()));
            }
            packer.packString(key);
            pack(packer, entry.getValue(), where.isEmpty() ? key : where + "." + key);
        }
    }

    /** One message on its way out of its bytes. */
    private static final class Reading {

        private final MessageUnpacker unpacker;
        private final int length;
        private int values;

        Reading(MessageUnpacker unpacker, int length) {
            this.unpacker = unpacker;
            this.length = length;
        }

        long left() {
            return length - unpacker.getTotalReadBytes();
        }

        @Nullable Object value(int depth) throws IOException, MalformedMessageException {
            if (depth > DEPTH) {
                throw new MalformedMessageException(
                        "it is nested more than %d deep".formatted(DEPTH));
            }
            if (++values > VALUES) {
                throw new MalformedMessageException("it has more than %d values".formatted(VALUES));
            }
            MessageFormat format = unpacker.getNextFormat();
            return switch (format.getValueType()) {
                case NIL -> {
                    unpacker.unpackNil();
                    yield null;
                }
                case BOOLEAN -> unpacker.unpackBoolean();
                case INTEGER -> integer(format);
                case FLOAT -> unpacker.unpackDouble();
                case STRING -> text();
                case BINARY -> bytes(unpacker.unpackBinaryHeader());
                case ARRAY -> list(depth);
                case MAP -> map(depth);
                case EXTENSION ->
                        throw new MalformedMessageException("it has an extension type in it");
            };
        }

        private Object integer(MessageFormat format) throws IOException {
            if (format != MessageFormat.UINT64) {
                return unpacker.unpackLong();
            }
            // Inode numbers of some file systems are that large.
            BigInteger number = unpacker.unpackBigInteger();
            if (number.bitLength() < Long.SIZE) {
                return number.longValue();
            }
            return number;
        }

        private String text() throws IOException, MalformedMessageException {
            return new String(bytes(unpacker.unpackRawStringHeader()), StandardCharsets.UTF_8);
        }

        private byte[] bytes(int size) throws IOException, MalformedMessageException {
            requireLeft(size);
            return unpacker.readPayload(size);
        }

        private List<@Nullable Object> list(int depth)
                throws IOException, MalformedMessageException {
            int size = unpacker.unpackArrayHeader();
            requireLeft(size);
            List<@Nullable Object> list = new ArrayList<>(Math.min(size, 1024));
            for (int i = 0; i < size; i++) {
                list.add(value(depth + 1));
            }
            return Collections.unmodifiableList(list);
        }

        private Map<String, @Nullable Object> map(int depth)
                throws IOException, MalformedMessageException {
            int size = unpacker.unpackMapHeader();
            requireLeft(2L * size);
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (int i = 0; i < size; i++) {
                if (!(value(depth + 1) instanceof String key)) {
                    throw new MalformedMessageException("a key in it is not text");
                }
                map.put(key, value(depth + 1));
            }
            return Collections.unmodifiableMap(map);
        }

        /** Every value takes a byte at least. */
        private void requireLeft(long size) throws MalformedMessageException {
            if (size > left()) {
                throw new MalformedMessageException(
                        "it ends before the %d bytes or values that it announces".formatted(size));
            }
        }
    }
}
