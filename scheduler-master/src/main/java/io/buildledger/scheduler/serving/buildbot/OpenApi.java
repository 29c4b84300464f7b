package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.serving.Revalidation;
import io.buildledger.scheduler.serving.Sent;
import io.buildledger.scheduler.serving.SentField;
import io.buildledger.scheduler.serving.Takes;
import io.buildledger.viewing.Views;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ValueConstants;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the web address has for programs, as an OpenAPI document: all paths below {@code /api} that
 * some method answers, with their parameters and the shapes of the answers. It is made of the
 * methods themselves, so that none can be missing.
 */
final class OpenApi {

    private static final String PREFIX = "/api";
    private static final String BUILDBOT = "/api/v2";
    private static final String SCHEMAS = "#/components/schemas/";
    private static final String TYPE = "type";
    private static final String SCHEMA = "schema";
    private static final String STRING = "string";
    private static final String INTEGER = "integer";
    private static final String OBJECT = "object";
    private static final String DESCRIPTION = "description";
    private static final String FORMAT = "format";
    private static final String CONTENT = "content";
    private static final String PROPERTIES = "properties";
    private static final String REQUIRED = "required";
    private static final String ADDITIONAL = "additionalProperties";

    /** What the names of its shapes begin with: ours have some of the same. */
    private static final String BUILDBOTS = "Buildbot";

    private final AnswerSchemas answers;

    private OpenApi(AnswerSchemas answers) {
        this.answers = answers;
    }

    /**
     * @param json by which answers are written
     */
    static Map<String, Object> of(Map<RequestMappingInfo, HandlerMethod> methods, JsonMapper json) {
        return new OpenApi(new AnswerSchemas(json)).of(methods);
    }

    private Map<String, Object> of(Map<RequestMappingInfo, HandlerMethod> methods) {
        Map<String, Map<String, Object>> paths = new TreeMap<>();
        methods.forEach((info, method) -> {
            for (String path : info.getPatternValues()) {
                if (path.startsWith(PREFIX)) {
                    for (RequestMethod verb : info.getMethodsCondition().getMethods()) {
                        paths.computeIfAbsent(path, _ -> new TreeMap<>())
                                .put(
                                        verb.name().toLowerCase(Locale.ROOT),
                                        operation(path, verb, method.getMethod()));
                    }
                }
            }
        });
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put(
                "info",
                Map.of(
                        "title",
                        "Buildledger",
                        "version",
                        "2",
                        DESCRIPTION,
                        "Below /api/v2 are the reads of Buildbot's REST interface. Of a list, any field that is no list or object can be asked for by its name, and as FIELD__OPERATOR with eq, ne, lt, le, gt, ge, contains, in and notin. All else is the program's own: a list that has after goes on where that is the next of the list before."));
        document.put("paths", paths);
        document.put("security", List.of(Map.of("token", List.of()), Map.of()));
        document.put(
                "components",
                Map.of(
                        "schemas",
                        schemas(),
                        "securitySchemes",
                        Map.of(
                                "token",
                                Map.of(
                                        TYPE,
                                        "http",
                                        "scheme",
                                        "bearer",
                                        DESCRIPTION,
                                        "needed where the configuration says who may what"))));
        return document;
    }

    private Map<String, Object> operation(String path, RequestMethod verb, Method method) {
        Answers described = method.getAnnotation(Answers.class);
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put(
                "operationId",
                (verb.name().toLowerCase(Locale.ROOT) + path).replaceAll("[^A-Za-z0-9]+", "_"));
        operation.put("tags", List.of(tag(path)));
        operation.put("parameters", parameters(path, described, method));
        if (verb == RequestMethod.POST) {
            operation.put("requestBody", body(path, method));
        }
        operation.put("responses", responses(path, verb, described, method));
        return operation;
    }

    private Map<String, Object> responses(
            String path, RequestMethod verb, @Nullable Answers described, Method method) {
        Map<String, Object> responses = new TreeMap<>();
        responses.put("200", answer(path, described, method));
        if (verb == RequestMethod.POST
                && !path.startsWith(BUILDBOT)
                && method.getReturnType() == ResponseEntity.class) {
            // A scheduler or a master that does not answer at once.
            responses.put("202", answer(path, described, method));
        }
        if (verb == RequestMethod.GET && Revalidation.isFor(path)) {
            responses.put("304", Map.of(DESCRIPTION, "it is as If-None-Match says"));
        }
        responses.put(
                "default",
                path.startsWith(BUILDBOT)
                        ? response(
                                "why there is no answer",
                                MediaType.APPLICATION_JSON_VALUE,
                                ref(
                                        BUILDBOTS
                                                + (verb == RequestMethod.POST
                                                        ? "RefusedCall"
                                                        : "Refusal")))
                        : response(
                                "why there is no answer (RFC 9457)",
                                MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                                ref("Problem")));
        return responses;
    }

    /** The first word of a path behind its prefix. */
    private static String tag(String path) {
        String rest = path.substring((path.startsWith(BUILDBOT) ? BUILDBOT : PREFIX).length());
        String word =
                Stream.of(rest.split("/")).filter(it -> !it.isEmpty()).findFirst().orElse("root");
        return path.startsWith(BUILDBOT) ? "buildbot: " + word : word;
    }

    private static List<Map<String, Object>> parameters(
            String path, @Nullable Answers answers, Method method) {
        List<Map<String, Object>> parameters = new ArrayList<>();
        Arrays.stream(method.getParameters())
                .forEach(it -> {
                    PathVariable inPath =
                            AnnotatedElementUtils.findMergedAnnotation(it, PathVariable.class);
                    RequestParam inQuery =
                            AnnotatedElementUtils.findMergedAnnotation(it, RequestParam.class);
                    if (inPath != null) {
                        parameters.add(
                                parameter(inPath.name(), "path", true, ofJava(it.getType()), null));
                    } else if (inQuery != null) {
                        parameters.add(
                                parameter(
                                        inQuery.name(),
                                        "query",
                                        isRequired(inQuery),
                                        withDefault(inQuery(path, it, inQuery.name()), inQuery),
                                        null));
                    }
                });
        if (answers != null) {
            parameters.addAll(parameters(answers));
        }
        return parameters;
    }

    private static boolean isRequired(RequestParam parameter) {
        return parameter.required() && parameter.defaultValue().equals(ValueConstants.DEFAULT_NONE);
    }

    /** The program's own lists are all cut in the same way. */
    private static Map<String, Object> inQuery(String path, Parameter parameter, String name) {
        Map<String, Object> schema = new LinkedHashMap<>(ofJava(parameter.getType()));
        if (!path.startsWith(BUILDBOT)) {
            if (name.equals("limit")) {
                schema.put("minimum", 1);
                schema.put("maximum", Views.MOST);
            } else if (name.equals("after")) {
                schema.put(DESCRIPTION, "next of the answer before, to go on from there");
            }
        }
        return schema;
    }

    private static Map<String, Object> withDefault(
            Map<String, Object> schema, RequestParam parameter) {
        if (parameter.defaultValue().equals(ValueConstants.DEFAULT_NONE)) {
            return schema;
        }
        Map<String, Object> all = new LinkedHashMap<>(schema);
        all.putIfAbsent(DESCRIPTION, "if it is not given: " + parameter.defaultValue());
        return all;
    }

    private static Map<String, Object> ofJava(Class<?> type) {
        if (type == int.class
                || type == long.class
                || type == Integer.class
                || type == Long.class) {
            return Map.of(TYPE, INTEGER);
        }
        if (type == boolean.class || type == Boolean.class) {
            return Map.of(TYPE, "boolean");
        }
        return Map.of(TYPE, STRING);
    }

    private static Map<String, Object> parameter(
            String name,
            String place,
            boolean isRequired,
            Map<String, Object> schema,
            @Nullable String description) {
        Map<String, Object> parameter = new LinkedHashMap<>();
        parameter.put("name", name);
        parameter.put("in", place);
        parameter.put(REQUIRED, isRequired);
        parameter.put(SCHEMA, schema);
        if (description != null) {
            parameter.put(DESCRIPTION, description);
        }
        return parameter;
    }

    private static List<Map<String, Object>> parameters(Answers answers) {
        Kind kind = answers.value();
        List<Map<String, Object>> parameters = new ArrayList<>();
        if (!kind.fields().isEmpty()) {
            parameters.add(
                    parameter(
                            "field",
                            "query",
                            false,
                            listOf(kind.fields().stream().map(Field::name).toList()),
                            "fields that are wanted; all if none is named"));
        }
        if (kind.hasProperties()) {
            parameters.add(
                    parameter(
                            "property",
                            "query",
                            false,
                            Map.of(TYPE, "array", "items", Map.of(TYPE, STRING)),
                            "properties that are wanted, * for all"));
        }
        if (answers.many()) {
            List<String> ordered =
                    kind.fields().stream()
                            .filter(it -> it.type().isOrdered())
                            .map(Field::name)
                            .flatMap(it -> Stream.of(it, "-" + it))
                            .toList();
            parameters.add(
                    parameter(
                            "order",
                            "query",
                            false,
                            listOf(ordered),
                            "what comes first; of lists that grow, by what an index has"));
        }
        if (answers.many() || kind == Kind.LOG_CHUNK) {
            for (String count : List.of("offset", "limit")) {
                parameters.add(
                        parameter(
                                count, "query", false, Map.of(TYPE, INTEGER, "minimum", 0), null));
            }
        }
        if (answers.many()) {
            kind.fields().stream()
                    .filter(it -> it.type().isOrdered())
                    .forEach(it ->
                            parameters.add(
                                    parameter(
                                            it.name(),
                                            "query",
                                            false,
                                            Map.of(TYPE, it.type().inSchema()),
                                            "what the field must be")));
        }
        return parameters;
    }

    private static Map<String, Object> listOf(List<String> words) {
        return Map.of(TYPE, "array", "items", Map.of(TYPE, STRING, "enum", words));
    }

    private static Map<String, Object> body(String path, Method method) {
        Map<String, Object> body = new LinkedHashMap<>();
        if (path.startsWith(BUILDBOT)) {
            body.put(REQUIRED, true);
            body.put(
                    CONTENT,
                    Map.of(MediaType.APPLICATION_JSON_VALUE, Map.of(SCHEMA, call(method))));
        } else {
            Sent sent = required(method, Takes.class).value();
            Map<String, Object> object = Map.of(SCHEMA, object(sent.fields(), sent.isOpen()));
            body.put(REQUIRED, sent.fields().stream().anyMatch(SentField::isRequired));
            body.put(
                    CONTENT,
                    Map.of(
                            MediaType.APPLICATION_JSON_VALUE,
                            object,
                            MediaType.APPLICATION_FORM_URLENCODED_VALUE,
                            object));
        }
        return body;
    }

    private static <A extends Annotation> A required(Method method, Class<A> annotation) {
        return Optional.ofNullable(method.getAnnotation(annotation))
                .orElseThrow(() ->
                        new IllegalStateException(
                                "%s does not say what it is sent: it lacks %s"
                                        .formatted(method, annotation.getSimpleName())));
    }

    private static Map<String, Object> object(List<SentField> fields, boolean isOpen) {
        Map<String, Object> properties = new LinkedHashMap<>();
        fields.forEach(it -> properties.put(it.name(), it.schema()));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put(TYPE, OBJECT);
        object.put(PROPERTIES, properties);
        List<String> required =
                fields.stream().filter(SentField::isRequired).map(SentField::name).toList();
        if (!required.isEmpty()) {
            object.put(REQUIRED, required);
        }
        object.put(ADDITIONAL, isOpen);
        if (isOpen) {
            object.put(DESCRIPTION, "and the fields of the scheduler's form");
        }
        return object;
    }

    /** Programs tell its methods from each other by the word. */
    private static Map<String, Object> call(Method method) {
        List<RemoteMethod> methods = List.of(required(method, Calls.class).value());
        Map<String, Object> mapping = new TreeMap<>();
        methods.forEach(it -> mapping.put(it.word(), SCHEMAS + name(it)));
        return Map.of(
                "oneOf",
                methods.stream().map(it -> ref(name(it))).toList(),
                "discriminator",
                Map.of("propertyName", "method", "mapping", mapping));
    }

    private static Map<String, Object> schema(RemoteMethod method) {
        boolean isForm = method == RemoteMethod.FORCE;
        Map<String, Object> parameters = new LinkedHashMap<>(object(method.parameters(), true));
        if (!isForm) {
            parameters.put(DESCRIPTION, "others are passed over");
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("jsonrpc", Map.of("const", "2.0"));
        properties.put("id", Map.of(TYPE, List.of(STRING, INTEGER, "null")));
        properties.put("method", Map.of("const", method.word()));
        properties.put("params", parameters);
        List<String> required = new ArrayList<>(List.of("jsonrpc", "method"));
        if (parameters.containsKey(REQUIRED)) {
            required.add("params");
        }
        return Map.of(TYPE, OBJECT, PROPERTIES, properties, REQUIRED, required);
    }

    /** As type names are written: {@code BuildbotSetPriorityCall}. */
    private static String name(RemoteMethod method) {
        return typeName(method.name()) + "Call";
    }

    private Map<String, Object> answer(String path, @Nullable Answers described, Method method) {
        if (described != null) {
            return response(
                    described.many() ? "a list" : "one of them, in a list",
                    MediaType.APPLICATION_JSON_VALUE,
                    ref(name(described.value()) + "Answer"));
        }
        if (method.isAnnotationPresent(Calls.class)) {
            return response(
                    "what came of the call",
                    MediaType.APPLICATION_JSON_VALUE,
                    ref(BUILDBOTS + "CallAnswer"));
        }
        return path.startsWith(BUILDBOT) && method.getReturnType() == void.class
                ? response("as text", MediaType.TEXT_PLAIN_VALUE, Map.of(TYPE, STRING))
                : response(
                        "what was asked for, or what came of it",
                        MediaType.APPLICATION_JSON_VALUE,
                        answers.of(body(method)));
    }

    private static Type body(Method method) {
        return method.getGenericReturnType() instanceof ParameterizedType wrapped
                        && wrapped.getRawType() == ResponseEntity.class
                ? wrapped.getActualTypeArguments()[0]
                : method.getGenericReturnType();
    }

    private static Map<String, Object> response(
            String description, String mediaType, Object schema) {
        return Map.of(DESCRIPTION, description, CONTENT, Map.of(mediaType, Map.of(SCHEMA, schema)));
    }

    private static Map<String, Object> ref(String schema) {
        return Map.of("$ref", SCHEMAS + schema);
    }

    private Map<String, Object> schemas() {
        Map<String, Object> schemas = new TreeMap<>(answers.all());
        for (Kind kind : Kind.values()) {
            schemas.put(name(kind), schema(kind));
            schemas.put(
                    name(kind) + "Answer",
                    Map.of(
                            TYPE,
                            OBJECT,
                            REQUIRED,
                            List.of(kind.plural(), "meta"),
                            PROPERTIES,
                            Map.of(
                                    kind.plural(),
                                    Map.of(TYPE, "array", "items", ref(name(kind))),
                                    "meta",
                                    ref(BUILDBOTS + "Meta"))));
        }
        schemas.put(
                BUILDBOTS + "Meta",
                Map.of(
                        TYPE,
                        OBJECT,
                        PROPERTIES,
                        Map.of(
                                "total",
                                Map.of(TYPE, INTEGER),
                                "incomplete",
                                Map.of(TYPE, "boolean"))));
        schemas.put(BUILDBOTS + "Refusal", texts("error"));
        for (RemoteMethod method : RemoteMethod.values()) {
            schemas.put(name(method), schema(method));
        }
        schemas.put(BUILDBOTS + "CallAnswer", callAnswer());
        schemas.put(
                BUILDBOTS + "RefusedCall",
                Map.of(
                        TYPE,
                        OBJECT,
                        PROPERTIES,
                        Map.of("jsonrpc", Map.of(TYPE, STRING), "error", Map.of(TYPE, OBJECT))));
        schemas.put("Problem", problem());
        return schemas;
    }

    private static Map<String, Object> callAnswer() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("jsonrpc", Map.of("const", "2.0"));
        properties.put("id", Map.of(DESCRIPTION, "that of the call"));
        properties.put(
                "result",
                Map.of(
                        TYPE,
                        List.of("array", "null"),
                        DESCRIPTION,
                        "of force and rebuild, the buildset, and the requests by their builders"));
        return Map.of(
                TYPE,
                OBJECT,
                PROPERTIES,
                properties,
                REQUIRED,
                List.copyOf(properties.keySet()),
                ADDITIONAL,
                false);
    }

    private static Map<String, Object> texts(String... names) {
        return Map.of(
                TYPE,
                OBJECT,
                PROPERTIES,
                Stream.of(names).collect(Collectors.toMap(it -> it, _ -> Map.of(TYPE, STRING))));
    }

    /** As RFC 9457 has it, without a type of our own. */
    private static Map<String, Object> problem() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put(TYPE, Map.of(TYPE, STRING, FORMAT, "uri-reference"));
        properties.put("title", Map.of(TYPE, STRING));
        properties.put("status", Map.of(TYPE, INTEGER));
        properties.put("detail", Map.of(TYPE, STRING, DESCRIPTION, "what is wrong, for a person"));
        properties.put("instance", Map.of(TYPE, STRING, FORMAT, "uri-reference"));
        properties.put(
                "fields",
                Map.of(
                        TYPE,
                        OBJECT,
                        ADDITIONAL,
                        Map.of(TYPE, STRING),
                        DESCRIPTION,
                        "of a form: what is wrong with each of its fields"));
        return Map.of(
                TYPE,
                OBJECT,
                REQUIRED,
                List.of("title", "status", "detail"),
                PROPERTIES,
                properties,
                ADDITIONAL,
                false);
    }

    private static Map<String, Object> schema(Kind kind) {
        if (kind.fields().isEmpty()) {
            return Map.of(TYPE, OBJECT, ADDITIONAL, Map.of(TYPE, "array"));
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Field field : kind.fields()) {
            String type = field.type().inSchema();
            properties.put(
                    field.name(), Map.of(TYPE, field.nullable() ? List.of(type, "null") : type));
        }
        return Map.of(TYPE, OBJECT, PROPERTIES, properties, ADDITIONAL, false);
    }

    private static String name(Kind kind) {
        return typeName(kind.name());
    }

    /** As type names are written: {@code BuildbotBuildRequest}. */
    private static String typeName(String constant) {
        return Arrays.stream(constant.split("_"))
                .map(it -> it.charAt(0) + it.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("", BUILDBOTS, ""));
    }
}
