package io.buildledger.configuring;

import java.util.List;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.BeanPropertyWriter;
import tools.jackson.databind.ser.ValueSerializerModifier;

/**
 * One way to write each part of a configuration, whatever way the file has. Keys that have their
 * default are left out, so that a part reads the same to a later version that knows more keys:
 * masters of both versions must agree on what a file says while a cluster is upgraded.
 */
final class CanonicalForm {

    private static final JsonMapper JSON = mapper().build();

    /** The same, with keys and values as they stand in a file. */
    private static final JsonMapper AS_WRITTEN =
            mapper().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .addModule(WrittenTypes.MODULE)
                    .build();

    private static final JsonMapper READER =
            JsonMapper.builder()
                    // An absent key has its default, which the record knows.
                    .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private CanonicalForm() {}

    private static JsonMapper.Builder mapper() {
        return JsonMapper.builder()
                .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                // Else the order of a record's components would count.
                .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .addModule(
                        new SimpleModule("without defaults")
                                .addSerializer(new StepSerializer())
                                .addSerializer(new LatentSerializer())
                                .setSerializerModifier(new WithoutDefaults()));
    }

    static byte[] of(Object part) {
        return JSON.writeValueAsBytes(part);
    }

    /** A configuration as a tree, for people: with the keys of the file. */
    static JsonNode asWritten(Configuration configuration) {
        return AS_WRITTEN.valueToTree(configuration);
    }

    /**
     * What was written. Keys that only a later version knows are left out.
     *
     * @throws IllegalArgumentException if it isn't such a part
     */
    static <T> T read(String canonical, Class<T> type) {
        try {
            return READER.readValue(canonical, type);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "not a %s: %s".formatted(type.getSimpleName(), e.getOriginalMessage()), e);
        }
    }

    /**
     * Jackson's NON_DEFAULT needs a constructor without parameters, which a record lacks. It is the
     * record's own constructor that turns what is absent into the default.
     */
    private static final class WithoutDefaults extends ValueSerializerModifier {

        private static final long serialVersionUID = 1;

        @Override
        public List<BeanPropertyWriter> changeProperties(
                SerializationConfig config,
                BeanDescription.Supplier description,
                List<BeanPropertyWriter> properties) {
            Class<?> type = description.getBeanClass();
            if (!type.isRecord()) {
                return properties;
            }
            Object ofDefaults = RecordMaking.ofDefaults(type);
            return properties.stream()
                    .<BeanPropertyWriter>map(it -> new UnlessDefault(it, ofDefaults))
                    .toList();
        }
    }

    private static final class UnlessDefault extends BeanPropertyWriter {

        private static final long serialVersionUID = 1;

        private final transient Object ofDefaults;

        UnlessDefault(BeanPropertyWriter property, Object ofDefaults) {
            super(property);
            this.ofDefaults = ofDefaults;
        }

        @Override
        public void serializeAsProperty(
                Object record, JsonGenerator generator, SerializationContext context)
                throws Exception {
            if (!Objects.equals(get(record), get(ofDefaults))) {
                super.serializeAsProperty(record, generator, context);
            }
        }
    }
}
