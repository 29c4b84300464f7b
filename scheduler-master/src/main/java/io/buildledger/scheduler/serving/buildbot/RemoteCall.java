package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.admitting.Asker.Permit;
import io.buildledger.scheduler.admitting.NotAllowedException;
import io.buildledger.scheduler.serving.BadParameterException;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.Problem;
import io.buildledger.scheduler.serving.SentField;
import io.buildledger.scheduler.serving.SentField.Flag;
import io.buildledger.scheduler.serving.SentField.Line;
import io.buildledger.scheduler.serving.SentField.NumberOrLine;
import io.buildledger.scheduler.serving.SentField.Texts;
import io.buildledger.scheduler.serving.SentField.Whole;
import io.buildledger.scheduler.serving.TooLateException;
import io.buildledger.scheduler.serving.buildbot.RemoteMethod.Parameters;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A call of a method by JSON-RPC 2.0, with parameters that have names.
 *
 * @param id by which who calls knows the answer; may be null
 * @param parameters without those that are null
 */
record RemoteCall(@Nullable Object id, RemoteMethod method, Map<String, Object> parameters) {

    /** As it was sent; nobody may know the method. */
    private record Sent(@Nullable Object id, String method, Map<String, Object> parameters) {}

    /** What a method does. */
    @FunctionalInterface
    interface Method {
        @Nullable Object call(RemoteCall call) throws InterruptedException;
    }

    private static final int INVALID_REQUEST = -32600;
    private static final int NO_METHOD = -32601;
    private static final int INTERNAL_ERROR = -32603;
    private static final String ID = RemoteCall.class.getName() + ".id";
    private static final int LARGEST = 1024 * 1024;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};

    /** Answers the call that a request has in its body, by one of some methods. */
    static ResponseEntity<Map<String, Object>> answer(
            HttpServletRequest request, Map<RemoteMethod, Method> methods)
            throws IOException, InterruptedException {
        Sent sent;
        try {
            requireJson(request);
            sent = read(request);
            request.setAttribute(ID, sent.id());
        } catch (BadParameterException e) {
            return error(null, INVALID_REQUEST, Problem.of(e));
        }
        Map.Entry<RemoteMethod, Method> called =
                methods.entrySet().stream()
                        .filter(it -> it.getKey().word().equals(sent.method()))
                        .findFirst()
                        .orElse(null);
        if (called == null) {
            return error(
                    sent.id(),
                    NO_METHOD,
                    new Problem(
                            HttpStatus.NOT_IMPLEMENTED,
                            "method: there is no '%s' here; known are %s"
                                    .formatted(
                                            sent.method(),
                                            methods.keySet().stream()
                                                    .map(RemoteMethod::word)
                                                    .sorted()
                                                    .collect(Collectors.joining(", ")))));
        }
        RemoteCall call = new RemoteCall(sent.id(), called.getKey(), sent.parameters());
        try {
            Map<String, Object> answer = envelope(call.id());
            answer.put("result", called.getValue().call(call));
            return json(HttpStatus.OK, answer);
        } catch (NotAllowedException e) {
            return error(call.id(), INVALID_REQUEST, Problem.of(e));
        } catch (NotThereException e) {
            return error(call.id(), INVALID_REQUEST, Problem.of(e));
        } catch (BadParameterException e) {
            return error(call.id(), INVALID_REQUEST, Problem.of(e));
        } catch (TooLateException e) {
            return error(call.id(), INVALID_REQUEST, Problem.of(e));
        }
    }

    /** Of what a form may send, in a browser and to any address, there is no call. */
    private static void requireJson(HttpServletRequest request) {
        String type = request.getContentType();
        try {
            if (type != null
                    && MediaType.parseMediaType(type)
                            .equalsTypeAndSubtype(MediaType.APPLICATION_JSON)) {
                return;
            }
        } catch (InvalidMediaTypeException e) {
            // Told like any other that is not JSON.
        }
        throw new BadParameterException("Content-Type: is not application/json");
    }

    private static Sent read(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(LARGEST + 1);
        if (body.length > LARGEST) {
            throw new BadParameterException("body: has more than %d bytes".formatted(LARGEST));
        }
        Map<String, @Nullable Object> object;
        try {
            object = JSON.readValue(body, OBJECT);
        } catch (JacksonException e) {
            throw new BadParameterException("body: is not a JSON object");
        }
        if (object == null
                || !"2.0".equals(object.get("jsonrpc"))
                || !(object.get("method") instanceof String method)) {
            throw new BadParameterException("body: is no call of a method by JSON-RPC 2.0");
        }
        Object given = object.get("params");
        if (given != null && !(given instanceof Map<?, ?>)) {
            throw new BadParameterException("params: is not an object");
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        if (given instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                if (value != null) {
                    parameters.put(String.valueOf(name), value);
                }
            });
        }
        return new Sent(object.get("id"), method, parameters);
    }

    /** Why a call, as far as it could be read, was not answered. */
    static ResponseEntity<Map<String, Object>> error(HttpServletRequest request, Problem problem) {
        return error(
                request.getAttribute(ID),
                problem.status().is5xxServerError() ? INTERNAL_ERROR : INVALID_REQUEST,
                problem);
    }

    private static ResponseEntity<Map<String, Object>> error(
            @Nullable Object id, int code, Problem problem) {
        Map<String, Object> answer = envelope(id);
        answer.put("error", Map.of("code", code, "message", problem.message()));
        return json(problem.status(), answer);
    }

    /** Whatever is accepted: what was asked for is done by now. */
    private static ResponseEntity<Map<String, Object>> json(
            HttpStatus status, Map<String, Object> answer) {
        return ResponseEntity.status(status).contentType(MediaType.APPLICATION_JSON).body(answer);
    }

    @SuppressWarnings("NullAway") // a map may have a null for a value, as JSON has
    private static Map<String, Object> envelope(@Nullable Object id) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", id);
        return answer;
    }

    /** Who calls, as far as they say so where nobody logs in. */
    String requestedBy(Permit permit) {
        return permit.nameOr(said().orElse("somebody"));
    }

    /** Of what has a field of its own for it: empty if they do not say so. */
    String requestedByIfAny(Permit permit) {
        return permit.nameOr(said().orElse(""));
    }

    private Optional<String> said() {
        for (Line field : List.of(Parameters.OWNER, Parameters.USERNAME, Parameters.REQUESTED_BY)) {
            String text = method.parameters().contains(field) ? line(field) : "";
            if (!text.isEmpty()) {
                return Optional.of(text);
            }
        }
        return Optional.empty();
    }

    String reason() {
        return line(Parameters.REASON);
    }

    private @Nullable Object value(SentField field) {
        if (!method.parameters().contains(field)) {
            throw new IllegalArgumentException(
                    "%s is not among what %s has".formatted(field.name(), method));
        }
        return parameters.get(field.name());
    }

    /** Empty if it is not there. */
    String line(Line field) {
        return line(field, field.longest());
    }

    /** Empty if it is not there. */
    String line(NumberOrLine field) {
        return line(field, field.longest());
    }

    private String line(SentField field, int longest) {
        Object value = value(field);
        if (value instanceof Map || value instanceof Collection) {
            throw new BadParameterException(field.name() + ": is not a text");
        }
        String text = value == null ? "" : String.valueOf(value).strip();
        if (text.length() > longest || text.chars().anyMatch(Character::isISOControl)) {
            throw new BadParameterException(
                    "%s: has more than %d characters, or a control character"
                            .formatted(field.name(), longest));
        }
        return text;
    }

    /** Empty if it is not there. */
    List<String> texts(Texts field) {
        Object value = value(field);
        return switch (value) {
            case null -> List.of();
            case String text -> List.of(text);
            case List<?> list when list.stream().allMatch(String.class::isInstance) ->
                    list.stream().map(String::valueOf).toList();
            default -> throw new BadParameterException(field.name() + ": is not a list of texts");
        };
    }

    int number(Whole field) {
        if (value(field) instanceof Integer number) {
            return number;
        }
        throw new BadParameterException(field.name() + ": is not a whole number");
    }

    boolean flag(Flag field) {
        if (value(field) instanceof Boolean flag) {
            return flag;
        }
        throw new BadParameterException(field.name() + ": is neither true nor false");
    }
}
