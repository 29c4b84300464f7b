package io.buildledger.configuring;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes random files that a schema accepts, and others that it may not. */
final class SchemaSamples {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Without the text null, which Jackson takes for none. */
    private static final JsonNode VALUES =
            JsonMapper.shared()
                    .readTree(
                            """
                            [null, true, false, 0, 1, -1, 8010, 2.5, "", " ", "x", "5s", "500ms", "8020", "-1",
                             "true", "False", "yes", "2.5", [], ["x"], [["x"]], [null], [1, true], {},
                             {"x": "y"}, {"x": null}, {"1": "SUCCESS"}, {"x": ["y"]}]
                            """);

    private final ObjectNode schema;
    private final Random random;

    SchemaSamples(ObjectNode schema, Random random) {
        this.schema = schema;
        this.random = random;
    }

    /** A file that the schema accepts. */
    JsonNode file() {
        return sample(schema);
    }

    private JsonNode sample(JsonNode at) {
        if (at.has("$ref")) {
            return sample(schema.at(at.get("$ref").asString().substring(1)));
        }
        if (at.has("anyOf")) {
            return sample(at.get("anyOf").get(random.nextInt(at.get("anyOf").size())));
        }
        if (at.has("enum")) {
            return at.get("enum").get(random.nextInt(at.get("enum").size()));
        }
        List<String> types = new ArrayList<>();
        at.get("type").valueStream().forEach(it -> types.add(it.asString()));
        if (types.isEmpty()) {
            types.add(at.get("type").asString());
        }
        return switch (types.get(random.nextInt(types.size()))) {
            case "object" -> at.has("properties") ? object(at) : map(at);
            case "array" -> list(at);
            case "string" -> text(at);
            case "integer" -> NODES.numberNode(random.nextInt(100));
            case "number" -> NODES.numberNode(random.nextInt(100) / 4.0);
            case "boolean" -> NODES.booleanNode(random.nextBoolean());
            case "null" -> NODES.nullNode();
            case String other -> throw new IllegalStateException(other);
        };
    }

    private JsonNode text(JsonNode at) {
        List<String> texts = List.of("x", "5s", "8020", "true", " 7 ");
        List<String> matching =
                texts.stream()
                        .filter(it ->
                                !at.has("pattern") || it.matches(at.get("pattern").asString()))
                        .toList();
        if (matching.isEmpty()) {
            throw new IllegalStateException("add a text of the form " + at.get("pattern"));
        }
        return NODES.stringNode(matching.get(random.nextInt(matching.size())));
    }

    private JsonNode object(JsonNode at) {
        List<String> keys = new ArrayList<>(at.get("properties").propertyNames());
        if (at.has("maxProperties")) {
            keys = List.of(keys.get(random.nextInt(keys.size())));
        } else {
            List<String> required =
                    at.path("required").valueStream().map(JsonNode::asString).toList();
            keys.removeIf(it -> !required.contains(it) && random.nextBoolean());
        }
        ObjectNode object = NODES.objectNode();
        keys.forEach(it -> object.set(it, sample(at.get("properties").get(it))));
        return object;
    }

    private JsonNode map(JsonNode at) {
        if (!at.has("additionalProperties")) {
            return NODES.objectNode();
        }
        JsonNode names = at.path("propertyNames");
        String key =
                names.has("enum")
                        ? names.get("enum").get(0).asString()
                        : names.has("pattern") ? "7" : "x";
        return NODES.objectNode().set(key, sample(at.get("additionalProperties")));
    }

    private JsonNode list(JsonNode at) {
        ArrayNode list = NODES.arrayNode();
        int size = at.has("items") ? at.path("minItems").asInt(0) + random.nextInt(3) : 0;
        for (int i = 0; i < size; i++) {
            list.add(sample(at.get("items")));
        }
        return list;
    }

    /** Puts some value in place of one that is there. */
    void spoil(JsonNode file) {
        List<Runnable> places = new ArrayList<>();
        collect(file, places);
        places.get(random.nextInt(places.size())).run();
    }

    private void collect(JsonNode node, List<Runnable> places) {
        switch (node) {
            case ObjectNode object ->
                    object.properties()
                            .forEach(it -> {
                                places.add(() -> object.set(it.getKey(), any()));
                                collect(it.getValue(), places);
                            });
            case ArrayNode list -> {
                for (int i = 0; i < list.size(); i++) {
                    int index = i;
                    places.add(() -> list.set(index, any()));
                    collect(list.get(i), places);
                }
            }
            default -> {}
        }
    }

    private JsonNode any() {
        return VALUES.get(random.nextInt(VALUES.size())).deepCopy();
    }
}
