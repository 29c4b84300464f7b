package io.buildledger.configuring;

import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepArguments;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/**
 * Reads a step's keys, those of its type and those of every step, which stand side by side. Jackson
 * has no way to do so that tells of unknown keys, and where they are.
 */
final class StepDeserializer extends StdDeserializer<ConfiguredStep> {

    StepDeserializer() {
        super(ConfiguredStep.class);
    }

    @Override
    public ConfiguredStep deserialize(JsonParser parser, DeserializationContext context) {
        if (parser.currentToken() != JsonToken.START_OBJECT
                || parser.nextToken() != JsonToken.PROPERTY_NAME) {
            throw notAStep(parser);
        }
        String name = parser.currentName();
        Class<? extends Step> type =
                StepTypes.find(name)
                        .orElseThrow(() ->
                                InvalidTypeIdException.from(
                                        parser,
                                        "no type of step",
                                        context.constructType(ConfiguredStep.class),
                                        name));
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw MismatchedInputException.from(parser, type, "no keys");
        }
        ConfiguredStep step = read(parser, context, type);
        if (parser.nextToken() != JsonToken.END_OBJECT) {
            throw notAStep(parser);
        }
        return step;
    }

    private static MismatchedInputException notAStep(JsonParser parser) {
        return MismatchedInputException.from(parser, ConfiguredStep.class, "not a step");
    }

    private static ConfiguredStep read(
            JsonParser parser, DeserializationContext context, Class<? extends Step> type) {
        Map<String, SettableBeanProperty> own = keys(context, type);
        Map<String, SettableBeanProperty> common = keys(context, StepArguments.class);
        Map<SettableBeanProperty, @Nullable Object> values = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            SettableBeanProperty property = own.getOrDefault(key, common.get(key));
            parser.nextToken();
            if (property == null) {
                unknown.add(key);
                parser.skipChildren();
            } else {
                values.put(property, property.deserialize(parser, context));
            }
        }
        if (!unknown.isEmpty()) {
            Collection<Object> known = new ArrayList<>(own.keySet());
            known.addAll(common.keySet());
            throw UnrecognizedPropertyException.from(parser, type, unknown.getFirst(), known);
        }
        return new ConfiguredStep(
                RecordMaking.make(type, inOrder(own, values)),
                RecordMaking.make(StepArguments.class, inOrder(common, values)));
    }

    /** The components of a record, as keys of a file, in the record's order. */
    static Map<String, SettableBeanProperty> keys(DeserializationContext context, Class<?> type) {
        BeanDeserializerBase ofRecord =
                (BeanDeserializerBase)
                        context.findNonContextualValueDeserializer(context.constructType(type));
        SettableBeanProperty[] inOrder =
                new SettableBeanProperty[type.getRecordComponents().length];
        ofRecord.creatorProperties().forEachRemaining(key -> inOrder[key.getCreatorIndex()] = key);
        Map<String, SettableBeanProperty> keys = new LinkedHashMap<>();
        for (SettableBeanProperty key : inOrder) {
            keys.put(key.getName(), key);
        }
        return keys;
    }

    private static List<@Nullable Object> inOrder(
            Map<String, SettableBeanProperty> keys,
            Map<SettableBeanProperty, @Nullable Object> values) {
        List<@Nullable Object> inOrder = new ArrayList<>();
        keys.values().forEach(key -> inOrder.add(values.get(key)));
        return inOrder;
    }
}
