package io.buildledger.configuring;

import io.buildledger.configuring.ConfiguredScheduler.CodebaseSource;
import io.buildledger.configuring.ConfiguredScheduler.Codebases;
import io.buildledger.filtering.OneOrMore;
import io.buildledger.stepping.Command;
import io.buildledger.stepping.StepArguments;
import io.buildledger.stepping.StepCondition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.jsontype.NamedType;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Makes the JSON Schema of what a mapper binds to a record, from the deserializers that it would
 * use: their keys, types and words. A key is required if its component is neither {@code Nullable}
 * nor given a default by the record.
 *
 * <p>The draft is 7, the newest that the editors of YAML all know. A union lists the keys of its
 * types and allows one of them, because editors complete and explain that better than {@code
 * oneOf}. A key without a value says the same as no key.
 */
final class SchemaOfBinding {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** What is bound by a deserializer of our own. */
    private static final Map<Class<?>, ObjectNode> OWN =
            Map.of(
                    String.class, scalar(),
                    Path.class, scalar(),
                    OneOrMore.class, oneOrMore("One, or a list of them."),
                    Command.class, oneOrMore("Text for `/bin/sh -c`, or a list of words."),
                    Duration.class,
                            types("string", "number")
                                    .put("pattern", "^\\s*" + YamlTypes.DURATION + "\\s*$")
                                    .put("minimum", 0)
                                    .put("maximum", YamlTypes.LONGEST.toSeconds()),
                    Size.class,
                            types("string", "integer")
                                    .put("pattern", "^\\s*" + YamlTypes.SIZE + "\\s*$")
                                    .put("minimum", 0)
                                    .put("maximum", Size.LARGEST));

    private final YAMLMapper mapper;
    private final DeserializationContext context;
    private final RecordDocs docs;
    private final Map<String, Class<?>> named = new HashMap<>();
    private final Map<String, ObjectNode> definitions = new TreeMap<>();

    SchemaOfBinding(YAMLMapper mapper, RecordDocs docs) {
        this.mapper = mapper;
        this.context = mapper._deserializationContext();
        this.docs = docs;
    }

    /**
     * @throws IllegalStateException if it is not known what a deserializer takes
     */
    ObjectNode of(Class<? extends Record> root, String title) {
        ObjectNode schema =
                NODES.objectNode()
                        .put("$schema", "http://json-schema.org/draft-07/schema#")
                        .put("title", title);
        schema.setAll(record(mapper.constructType(root)));
        // Other than elsewhere, nothing is not enough.
        schema.put("type", "object");
        schema.putObject("definitions").setAll(definitions);
        return schema;
    }

    private ObjectNode schema(JavaType type) {
        ObjectNode schema = taken(type);
        if (schema.has("pattern")) {
            // Not a word of JSON Schema's, but of VS Code's.
            schema.put(
                    "patternErrorMessage",
                    "this is not " + ConfigurationReader.expected(type.getRawClass()));
        }
        return schema;
    }

    private ObjectNode taken(JavaType type) {
        if (context.findTypeDeserializer(type) != null) {
            return definition(type, () -> union(type));
        }
        if (type.hasRawClass(Codebases.class)) {
            return codebases();
        }
        if (type.hasRawClass(ConfiguredStep.class)) {
            return definition(type, () -> steps(type));
        }
        if (type.hasRawClass(ConfiguredLatent.class)) {
            return definition(type, () -> latent(type));
        }
        if (type.hasRawClass(StepCondition.class)) {
            return definition(type, () -> condition(type));
        }
        ValueDeserializer<Object> deserializer = deserializer(type);
        if (!deserializer.getClass().getName().startsWith("tools.jackson.")) {
            ObjectNode own = OWN.get(type.getRawClass());
            if (own == null) {
                throw unknown(type, deserializer);
            }
            return own.deepCopy();
        }
        if (type.isRecordType() && deserializer instanceof BeanDeserializerBase ofRecord) {
            return orScalar(definition(type, () -> record(type)), ofRecord.getValueInstantiator());
        }
        return switch (deserializer.logicalType()) {
            case Integer -> whole();
            case Boolean -> flag();
            case Enum -> types("string").set("enum", words(type));
            case Collection -> types("array").set("items", schema(type.getContentType()));
            case Map -> map(type);
            case Textual, OtherScalar -> scalar();
            case Untyped -> types("string", "number", "boolean", "array", "object");
            case null, default -> throw unknown(type, deserializer);
        };
    }

    /** A record may be written in a shorter way, too. */
    private static ObjectNode orScalar(ObjectNode reference, ValueInstantiator creators) {
        ObjectNode single;
        if (creators.canCreateFromInt()) {
            single = whole();
        } else if (creators.canCreateFromBoolean()) {
            single = flag();
        } else if (creators.canCreateFromString()) {
            single = types("string");
        } else {
            return reference;
        }
        ObjectNode schema = NODES.objectNode();
        schema.putArray("anyOf").add(single).add(reference);
        return schema;
    }

    private ObjectNode codebases() {
        ObjectNode schema = oneOrMore("Names of codebases, or what each is by default.");
        ((ArrayNode) schema.get("anyOf"))
                .addObject()
                .put("type", "object")
                .set("additionalProperties", schema(mapper.constructType(CodebaseSource.class)));
        return schema;
    }

    private ObjectNode condition(JavaType type) {
        ObjectNode schema = NODES.objectNode();
        schema.putArray("anyOf")
                .add(flag())
                .add(schema(mapper.constructType(StepCondition.Rules.class)));
        return describe(orNothing(schema), docs.of(type.getRawClass()));
    }

    private ValueDeserializer<Object> deserializer(JavaType type) {
        return context.findNonContextualValueDeserializer(type);
    }

    private static IllegalStateException unknown(
            JavaType type, ValueDeserializer<Object> deserializer) {
        return new IllegalStateException(
                "say in %s what %s takes, which reads %s"
                        .formatted(
                                SchemaOfBinding.class.getSimpleName(),
                                deserializer.getClass().getName(),
                                type.toCanonical()));
    }

    /** A reference to what a type with a name takes. */
    private ObjectNode definition(JavaType type, Supplier<ObjectNode> schema) {
        String name = type.getRawClass().getSimpleName();
        Class<?> before = named.putIfAbsent(name, type.getRawClass());
        if (before == null) {
            definitions.put(name, schema.get());
        } else if (before != type.getRawClass()) {
            throw new IllegalStateException(
                    "%s and %s have one name".formatted(before, type.getRawClass()));
        }
        return NODES.objectNode().put("$ref", "#/definitions/" + name);
    }

    /** Every step has the keys of its type, and those that all have. */
    private ObjectNode steps(JavaType type) {
        JavaType arguments = mapper.constructType(StepArguments.class);
        ObjectNode common = definition(arguments, () -> record(arguments));
        ObjectNode union = object(type).put("minProperties", 1).put("maxProperties", 1);
        ObjectNode properties = union.putObject("properties");
        StepTypes.all()
                .forEach((name, step) -> {
                    JavaType member = mapper.constructType(step);
                    properties.set(name, definition(member, () -> step(member, common)));
                });
        return union;
    }

    private ObjectNode latent(JavaType type) {
        ObjectNode union = object(type).put("minProperties", 1).put("maxProperties", 1);
        ObjectNode properties = union.putObject("properties");
        LatentTypes.all()
                .forEach((name, each) -> {
                    JavaType member = mapper.constructType(each);
                    properties.set(
                            name, definition(member, () -> record(member).put("type", "object")));
                });
        return union;
    }

    private ObjectNode step(JavaType type, ObjectNode common) {
        ObjectNode schema = record(type).put("type", "object");
        ObjectNode properties = (ObjectNode) schema.get("properties");
        String ofCommon = common.get("$ref").asString();
        keys(mapper.constructType(StepArguments.class)).stream()
                .map(SettableBeanProperty::getName)
                .filter(key -> !properties.has(key))
                .forEach(key ->
                        properties.putObject(key).put("$ref", ofCommon + "/properties/" + key));
        return schema;
    }

    private ObjectNode union(JavaType type) {
        Map<String, JavaType> members = new TreeMap<>();
        for (NamedType member :
                context.getConfig()
                        .getSubtypeResolver()
                        .collectAndResolveSubtypesByTypeId(
                                context.getConfig(), context.introspectClassAnnotations(type))) {
            if (member.getType() != type.getRawClass()) {
                members.put(member.getName(), mapper.constructType(member.getType()));
            }
        }
        ObjectNode union = object(type).put("minProperties", 1).put("maxProperties", 1);
        ObjectNode properties = union.putObject("properties");
        members.forEach((name, member) ->
                properties.set(
                        name, definition(member, () -> record(member).put("type", "object"))));
        return union;
    }

    private ObjectNode record(JavaType type) {
        RecordShape shape = new RecordShape(type.getRawClass(), mapper);
        ObjectNode schema = object(type);
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = NODES.arrayNode();
        for (SettableBeanProperty key : keys(type)) {
            int index = key.getCreatorIndex();
            ObjectNode property = schema(key.getType());
            if (shape.requires(index)) {
                required.add(key.getName());
            } else {
                orNothing(property);
            }
            describe(property, description(shape, index).or(() -> ofElements(property)));
            // Not as "default", of which editors would write down all with each new object.
            shape.defaultOf(index).ifPresent(it -> property.putArray("examples").add(it));
            properties.set(key.getName(), property);
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        return schema;
    }

    private Optional<String> description(RecordShape shape, int index) {
        Optional<String> said = docs.of(shape.component(index));
        if (said.stream().anyMatch(it -> it.contains("default"))) {
            return said;
        }
        return Stream.concat(
                        said.stream(),
                        shape
                                .defaultOf(index)
                                .map(it -> "default `" + it.asString() + "`")
                                .stream())
                .reduce((text, ofDefault) -> text + "; " + ofDefault);
    }

    /** What is said of the type of a list's elements. */
    private Optional<String> ofElements(ObjectNode property) {
        String type = property.at("/items/$ref").asString("");
        return Optional.ofNullable(definitions.get(type.substring(type.lastIndexOf('/') + 1)))
                .map(it -> it.get("description"))
                .map(JsonNode::asString);
    }

    private List<SettableBeanProperty> keys(JavaType type) {
        List<SettableBeanProperty> keys = new ArrayList<>();
        ((BeanDeserializerBase) deserializer(type)).creatorProperties().forEachRemaining(keys::add);
        keys.sort(Comparator.comparingInt(SettableBeanProperty::getCreatorIndex));
        return keys;
    }

    private ObjectNode object(JavaType type) {
        ObjectNode schema = orNothing(types("object"));
        describe(schema, docs.of(type.getRawClass()));
        return schema.put("additionalProperties", false);
    }

    private static ObjectNode describe(ObjectNode schema, Optional<String> text) {
        text.ifPresent(it -> schema.put("description", it));
        return schema;
    }

    private ObjectNode map(JavaType type) {
        ObjectNode schema =
                types("object").set("additionalProperties", schema(type.getContentType()));
        JavaType key = type.getKeyType();
        if (key.hasRawClass(Integer.class) || key.hasRawClass(Long.class)) {
            schema.putObject("propertyNames").put("pattern", "^[+-]?\\d+$");
        } else if (key.isEnumType()) {
            schema.putObject("propertyNames").set("enum", words(key));
        } else if (!key.hasRawClass(String.class)) {
            throw unknown(key, deserializer(key));
        }
        return schema;
    }

    private ArrayNode words(JavaType type) {
        ArrayNode words = NODES.arrayNode();
        for (Object constant : type.getRawClass().getEnumConstants()) {
            words.add(mapper.convertValue(constant, String.class));
        }
        return words;
    }

    // A template may have put these two in quotes.

    private static ObjectNode whole() {
        return types("integer", "string").put("pattern", "^\\s*[+-]?\\d+\\s*$");
    }

    private static ObjectNode flag() {
        return types("boolean", "string").put("pattern", "^\\s*([Tt]rue|TRUE|[Ff]alse|FALSE)\\s*$");
    }

    private static ObjectNode scalar() {
        return types("string", "number", "boolean");
    }

    private static ObjectNode oneOrMore(String description) {
        ObjectNode schema = NODES.objectNode().put("description", description);
        ArrayNode either = schema.putArray("anyOf").add(scalar());
        either.addObject().put("type", "array").put("minItems", 1).set("items", scalar());
        return schema;
    }

    private static ObjectNode types(String... names) {
        if (names.length == 1) {
            return NODES.objectNode().put("type", names[0]);
        }
        ArrayNode types = NODES.arrayNode();
        Stream.of(names).forEach(types::add);
        return NODES.objectNode().set("type", types);
    }

    /** What a definition that is referred to allows stands there. */
    private static ObjectNode orNothing(ObjectNode schema) {
        JsonNode types = schema.get("type");
        if (types instanceof ArrayNode several) {
            several.add("null");
        } else if (types != null) {
            schema.set("type", NODES.arrayNode().add(types).add("null"));
        }
        if (schema.get("enum") instanceof ArrayNode words) {
            words.addNull();
        }
        if (schema.get("anyOf") instanceof ArrayNode either) {
            either.addObject().put("type", "null");
        }
        return schema;
    }
}
