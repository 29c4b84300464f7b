package io.buildledger.scheduler.serving.buildbot;

import com.fasterxml.classmate.ResolvedType;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.CustomDefinitionProviderV2;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.MethodScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaBuilder;
import com.github.victools.jsonschema.generator.SchemaGenerationContext;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.generator.impl.DefinitionKey;
import com.github.victools.jsonschema.generator.naming.DefaultSchemaDefinitionNamingStrategy;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The shapes of answers that are records, as the mapper writes them: a component is there always,
 * and null only where it is {@link Nullable}, and so is what {@code isSo()} says. Of what else
 * Jackson can be told they know what is made use of: names of types in a property, values that are
 * texts, and what is left out where it says nothing.
 */
final class AnswerSchemas {

    /** How a type is told from others that are in its place. */
    private record Name(String property, String value) {}

    private final JsonMapper json;
    private final SchemaBuilder schemas;

    AnswerSchemas(JsonMapper json) {
        this.json = json;
        SchemaGeneratorConfigBuilder config =
                new SchemaGeneratorConfigBuilder(
                                json, SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
                        .with(
                                Option.DEFINITIONS_FOR_ALL_OBJECTS,
                                Option.EXTRA_OPEN_API_FORMAT_VALUES,
                                Option.FIELDS_DERIVED_FROM_ARGUMENTFREE_METHODS,
                                Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT,
                                Option.INLINE_NULLABLE_SCHEMAS,
                                Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES,
                                Option.NONSTATIC_NONVOID_NONGETTER_METHODS,
                                Option.PLAIN_DEFINITION_KEYS)
                        .without(Option.SCHEMA_VERSION_INDICATOR);
        config.forFields()
                .withNullableCheck(AnswerSchemas::isNullable)
                .withRequiredCheck(field -> field.getAnnotation(JsonInclude.class) == null);
        config.forMethods()
                .withIgnoreCheck(method -> !isWritten(method))
                .withRequiredCheck(_ -> true);
        config.forTypesInGeneral()
                .withPropertySorter((_, _) -> 0)
                .withDefinitionNamingStrategy(new Names())
                .withCustomDefinitionProvider(new Types())
                .withSubtypeResolver((type, context) -> {
                    List<ResolvedType> subtypes =
                            subtypes(type.getErasedType()).stream()
                                    .map(it ->
                                            context.getTypeContext()
                                                    .resolveSubtype(type, it.value()))
                                    .toList();
                    return subtypes.isEmpty() ? null : subtypes;
                });
        schemas = new SchemaGenerator(config.build()).buildMultipleSchemaDefinitions();
    }

    /** Besides components, the mapper writes whether something is so. */
    private static boolean isWritten(MethodScope method) {
        Class<?> declaring = method.getDeclaringType().getErasedType();
        return declaring.isRecord()
                && method.isPublic()
                && method.getArgumentCount() == 0
                && method.getType().getErasedType() == boolean.class
                && method.getDeclaredName().matches("is[A-Z].*")
                && method.getAnnotation(JsonIgnore.class) == null
                && Arrays.stream(declaring.getRecordComponents())
                        .noneMatch(it -> it.getName().equals(method.getDeclaredName()));
    }

    private static boolean isNullable(FieldScope field) {
        return field.getRawMember().getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    /** Tells of a type by a reference to it, which is whole once {@link #all} was asked for. */
    JsonNode of(Type type) {
        return schemas.createSchemaReference(type);
    }

    /** All of them, by the last words of their addresses. */
    Map<String, JsonNode> all() {
        ObjectNode all = schemas.collectDefinitions("components/schemas");
        return all.propertyStream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private <A extends Annotation> Optional<A> mixedIn(Class<?> type, Class<A> annotation) {
        return Optional.ofNullable(json.serializationConfig().findMixInClassFor(type))
                .map(it -> it.getAnnotation(annotation));
    }

    private List<JsonSubTypes.Type> subtypes(Class<?> type) {
        return mixedIn(type, JsonSubTypes.class).map(it -> List.of(it.value())).orElse(List.of());
    }

    private Optional<Name> name(Class<?> wider, Class<?> type) {
        return subtypes(wider).stream()
                .filter(it -> it.value() == type)
                .findFirst()
                .flatMap(it ->
                        mixedIn(wider, JsonTypeInfo.class)
                                .map(info -> new Name(info.property(), it.name())));
    }

    private boolean isText(Class<?> type) {
        Class<?> mixIn = json.serializationConfig().findMixInClassFor(type);
        return mixIn != null
                && Arrays.stream(mixIn.getDeclaredMethods())
                        .anyMatch(it ->
                                it.isAnnotationPresent(JsonValue.class)
                                        && it.getReturnType() == String.class);
    }

    /** What the mapper writes in another way than its components say. */
    private final class Types implements CustomDefinitionProviderV2 {

        /** One may hold others of its kind: it is here before it is whole. */
        private final Map<ResolvedType, ObjectNode> named = new HashMap<>();

        @Override
        public @Nullable CustomDefinition provideCustomSchemaDefinition(
                ResolvedType type, SchemaGenerationContext context) {
            if (type.getErasedType() == Object.class) {
                return new CustomDefinition(json.createObjectNode(), true);
            }
            if (isText(type.getErasedType())) {
                return new CustomDefinition(json.createObjectNode().put("type", "string"), true);
            }
            if (Map.class.isAssignableFrom(type.getErasedType())) {
                return new CustomDefinition(context.createStandardDefinition(type, this), true);
            }
            Name name =
                    Arrays.stream(type.getErasedType().getInterfaces())
                            .flatMap(wider -> name(wider, type.getErasedType()).stream())
                            .findFirst()
                            .orElse(null);
            return name == null ? null : new CustomDefinition(named(type, name, context));
        }

        private ObjectNode named(ResolvedType type, Name name, SchemaGenerationContext context) {
            ObjectNode before = named.get(type);
            if (before != null) {
                return before;
            }
            ObjectNode schema = json.createObjectNode();
            named.put(type, schema);
            schema.setAll(context.createStandardDefinition(type, this));
            schema.withObjectProperty("properties")
                    .putObject(name.property())
                    .put("const", name.value());
            schema.withArrayProperty("required").add(name.property());
            return schema;
        }
    }

    /** Of those with the same name each has that of the type that it is in before its own. */
    private static final class Names extends DefaultSchemaDefinitionNamingStrategy {

        @Override
        public void adjustDuplicateNames(
                Map<DefinitionKey, String> names, SchemaGenerationContext context) {
            names.replaceAll((key, name) -> {
                Class<?> outer = key.getType().getErasedType().getEnclosingClass();
                return outer == null
                        ? name
                        : outer.getSimpleName().replaceFirst("Controller$", "") + name;
            });
        }
    }
}
