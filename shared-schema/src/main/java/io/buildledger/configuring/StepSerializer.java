package io.buildledger.configuring;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ser.PropertyWriter;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Writes a step as {@link StepDeserializer} reads it, with its keys in the order of their names.
 */
final class StepSerializer extends StdSerializer<ConfiguredStep> {

    private record Key(PropertyWriter writer, Object record) {}

    StepSerializer() {
        super(ConfiguredStep.class);
    }

    @Override
    public void serialize(
            ConfiguredStep step, JsonGenerator generator, SerializationContext context) {
        Map<String, Key> keys = new TreeMap<>();
        add(keys, step.arguments(), context);
        add(keys, step.step(), context);
        generator.writeStartObject();
        generator.writeName(step.type());
        generator.writeStartObject();
        for (Map.Entry<String, Key> key : keys.entrySet()) {
            if (key.getKey().equals("name")) {
                // What it is called counts, not whether the file says so.
                if (!step.name().equals(step.type())) {
                    generator.writeStringProperty("name", step.name());
                }
            } else {
                write(key.getValue(), generator, context);
            }
        }
        generator.writeEndObject();
        generator.writeEndObject();
    }

    private static void add(Map<String, Key> keys, Object record, SerializationContext context) {
        context.findValueSerializer(record.getClass())
                .properties()
                .forEachRemaining(it -> keys.put(it.getName(), new Key(it, record)));
    }

    private static void write(Key key, JsonGenerator generator, SerializationContext context) {
        try {
            key.writer().serializeAsProperty(key.record(), generator, context);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(key.writer().getName() + " can't be written", e);
        }
    }
}
