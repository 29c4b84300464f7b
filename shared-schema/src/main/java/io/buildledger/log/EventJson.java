package io.buildledger.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.EventImport.Row;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.axonframework.eventhandling.GapAwareTrackingToken;
import org.axonframework.messaging.MetaData;
import org.axonframework.serialization.ChainingConverter;
import org.axonframework.serialization.Converter;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SerializedType;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;
import org.axonframework.serialization.UnknownSerializedType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events, their metadata and the positions of readers as JSON under names of our own. Components
 * that are null are left out; components that a newer program added are ignored by an older one.
 */
final class EventJson implements Serializer {

    private static final Map<String, Class<?>> AXON_CLASS_OF =
            Map.of(
                    MetaData.class.getName(),
                    MetaData.class,
                    "gap-aware-token",
                    GapAwareTrackingToken.class);

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .changeDefaultPropertyInclusion(
                            value -> value.withValueInclusion(JsonInclude.Include.NON_NULL))
                    .build();

    private static final ObjectReader METADATA = JSON.readerForMapOf(Object.class);

    private static final Upcasters UPCASTERS = Upcasters.OF_THIS_PROGRAM;

    /** Of the events as this program writes them: almost all that a log holds. */
    private static final Map<Written, ObjectReader> TODAYS =
            EventNames.all().stream()
                    .collect(
                            Collectors.toUnmodifiableMap(
                                    type ->
                                            new Written(
                                                    EventNames.nameOf(type).orElseThrow(),
                                                    EventNames.revisionOf(type)),
                                    JSON::readerFor));

    private final Converter converter = new ChainingConverter();

    @Override
    public <T> SerializedObject<T> serialize(@Nullable Object object, Class<T> representation) {
        String json = JSON.writeValueAsString(object);
        return new SimpleSerializedObject<>(
                converter.convert(json, representation),
                representation,
                typeForClass(object == null ? null : object.getClass()));
    }

    @Override
    public <T> boolean canSerializeTo(Class<T> representation) {
        return converter.canConvert(String.class, representation);
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <S, T> @Nullable T deserialize(SerializedObject<S> serialized) {
        if (SerializedType.isEmptyType(serialized.getType())) {
            return null;
        }
        String json =
                converter.convert(serialized.getData(), serialized.getContentType(), String.class);
        String name = serialized.getType().getName();
        String revision = serialized.getType().getRevision();
        Class<?> type = classForType(serialized.getType());
        if (UPCASTERS.today(name, revision).isPresent()) {
            if (!(JSON.readTree(json) instanceof ObjectNode event)) {
                throw new IllegalStateException("the log holds a " + name + " that is no object");
            }
            UPCASTERS.upcast(name, revision, event);
            return (T) JSON.treeToValue(event, type);
        }
        if (type == UnknownSerializedType.class) {
            return (T) new UnknownSerializedType(this, serialized);
        }
        if (type == MetaData.class) {
            return (T) MetaData.from(METADATA.<Map<String, ?>>readValue(json));
        }
        return (T) JSON.readValue(json, type);
    }

    /**
     * What is at a place of a stream: one of the domain's events, or {@link NewerEvent}.
     *
     * @throws RuntimeException if the payload is not what its name promises
     */
    Object event(String stream, long sequence, String type, String revision, String payload) {
        ObjectReader todays = TODAYS.get(new Written(type, revision));
        Object event =
                todays != null
                        ? todays.readValue(payload)
                        : deserialize(
                                new SimpleSerializedObject<>(
                                        payload,
                                        String.class,
                                        new SimpleSerializedType(type, revision)));
        if (event == null) {
            throw new IllegalStateException("the log holds a " + type + " of nothing");
        }
        return event instanceof UnknownSerializedType
                ? new NewerEvent(stream, sequence, type, revision)
                : event;
    }

    /**
     * A row for those who judge or tell: what can't be read or lacks a part is {@link Unreadable}.
     */
    Recorded recordedOrUnreadable(Row row, Function<String, MetaData> metadataOf) {
        Object event;
        MetaData metadata = MetaData.emptyInstance();
        try {
            metadata = metadataOf.apply(row.metadata());
            event =
                    complete(
                            event(
                                    row.stream(),
                                    row.sequence(),
                                    row.type(),
                                    row.revision(),
                                    row.payload()));
        } catch (RuntimeException e) {
            // Whatever somebody has written there.
            event = new Unreadable(DatabaseTrouble.reason(e));
        }
        return new Recorded(row.stream(), row.sequence(), event, row.at(), metadata);
    }

    private static Object complete(Object event) {
        return Completeness.missing(event)
                .<Object>map(part -> new Unreadable("it lacks '" + part + "'"))
                .orElse(event);
    }

    /** Whether this program understands events of a type and revision. */
    boolean knows(String type, String revision) {
        return classForType(new SimpleSerializedType(type, revision))
                != UnknownSerializedType.class;
    }

    /**
     * Who wrote an event, and why.
     *
     * @throws tools.jackson.core.JacksonException if it says nothing of the kind
     */
    MetaData metadata(String text) {
        MetaData metadata =
                deserialize(
                        new SimpleSerializedObject<>(
                                text,
                                String.class,
                                new SimpleSerializedType(MetaData.class.getName(), null)));
        return metadata == null ? MetaData.emptyInstance() : metadata;
    }

    @Override
    public Class<?> classForType(SerializedType type) {
        return UPCASTERS
                .today(type.getName(), type.getRevision())
                .flatMap(it -> EventNames.classOf(it.name()))
                .or(() ->
                        EventNames.classOf(type.getName())
                                // A newer one may mean something else under the same names.
                                .filter(it -> EventNames.revisionOf(it).equals(type.getRevision())))
                .or(() -> Optional.ofNullable(AXON_CLASS_OF.get(type.getName())))
                .orElse(UnknownSerializedType.class);
    }

    /**
     * @throws IllegalArgumentException if the class has no name on disk
     */
    @Override
    @SuppressWarnings("rawtypes") // Axon's signature
    public SerializedType typeForClass(@Nullable Class type) {
        if (type == null || type == Void.class) {
            return SerializedType.emptyType();
        }
        return EventNames.nameOf(type)
                .map(name -> new SimpleSerializedType(name, EventNames.revisionOf(type)))
                .or(() ->
                        AXON_CLASS_OF.entrySet().stream()
                                .filter(entry -> entry.getValue() == type)
                                .map(entry -> new SimpleSerializedType(entry.getKey(), null))
                                .findFirst())
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                type.getName()
                                        + " has no name in "
                                        + EventNames.class.getSimpleName()));
    }

    @Override
    public Converter getConverter() {
        return converter;
    }
}
