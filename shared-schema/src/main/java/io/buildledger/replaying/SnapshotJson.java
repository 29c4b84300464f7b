package io.buildledger.replaying;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.buildledger.domain.attaching.WorkerState.Attached;
import io.buildledger.domain.attaching.WorkerState.Gone;
import io.buildledger.domain.attaching.WorkerState.Presence;
import io.buildledger.domain.attaching.WorkerState.Unseen;
import io.buildledger.domain.requesting.BuildRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.std.StdConvertingDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.TypeDeserializer;
import tools.jackson.databind.module.SimpleDeserializers;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.MapType;
import tools.jackson.databind.type.TypeFactory;
import tools.jackson.databind.util.StdConverter;

/** Parts of a state as deflated JSON, which this program can read back. */
final class SnapshotJson {

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = BuildRequest.Unclaimed.class, name = "unclaimed"),
        @JsonSubTypes.Type(value = BuildRequest.Claimed.class, name = "claimed"),
        @JsonSubTypes.Type(value = BuildRequest.Running.class, name = "running")
    })
    private interface OfRequest {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Unseen.class, name = "unseen"),
        @JsonSubTypes.Type(value = Attached.class, name = "attached"),
        @JsonSubTypes.Type(value = Gone.class, name = "gone")
    })
    private interface OfPresence {}

    /** Of maps that are never changed, which Jackson does not know. */
    private static final class PersistentMaps extends SimpleDeserializers {

        private static final long serialVersionUID = 1;

        @Override
        public @Nullable ValueDeserializer<?> findMapDeserializer(
                MapType type,
                DeserializationConfig config,
                BeanDescription.Supplier description,
                @Nullable KeyDeserializer keys,
                @Nullable TypeDeserializer valueTypes,
                @Nullable ValueDeserializer<?> values) {
            return type.hasRawClass(PSortedMap.class)
                    ? new StdConvertingDeserializer<>(new OfSortedMap(type))
                    : null;
        }
    }

    private static final class OfSortedMap
            extends StdConverter<SortedMap<String, Object>, PSortedMap<String, Object>> {

        private final MapType type;

        OfSortedMap(MapType type) {
            this.type = type;
        }

        @Override
        public JavaType getInputType(TypeFactory types) {
            return types.constructMapType(TreeMap.class, type.getKeyType(), type.getContentType());
        }

        @Override
        public PSortedMap<String, Object> convert(SortedMap<String, Object> map) {
            return TreePMap.from(map);
        }
    }

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .changeDefaultPropertyInclusion(
                            value -> value.withValueInclusion(JsonInclude.Include.NON_NULL))
                    .addMixIn(BuildRequest.class, OfRequest.class)
                    .addMixIn(Presence.class, OfPresence.class)
                    .addModule(new SimpleModule().setDeserializers(new PersistentMaps()))
                    .build();

    private SnapshotJson() {}

    static byte[] write(Object part) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream deflated = new DeflaterOutputStream(bytes)) {
            JSON.writeValue(deflated, part);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static <T> T read(byte[] content, Class<T> item) {
        return item.cast(read(content, JSON.constructType(item)));
    }

    /** Reads the items of a part by what tells them apart. */
    static Map<?, ?> readMap(byte[] content, Class<?> key, Class<?> item) {
        return (Map<?, ?>)
                read(content, JSON.getTypeFactory().constructMapType(TreeMap.class, key, item));
    }

    private static Object read(byte[] content, JavaType type) {
        try (InputStream inflated = new InflaterInputStream(new ByteArrayInputStream(content))) {
            Object part = JSON.readValue(inflated, type);
            if (part == null) {
                throw new IllegalArgumentException("a part of it is null");
            }
            return part;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
