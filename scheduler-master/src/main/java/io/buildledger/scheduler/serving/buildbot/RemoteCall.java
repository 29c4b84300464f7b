package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.admitting.Asker.Permit;
import io.buildledger.scheduler.admitting.NotAllowedException;
import io.buildledger.scheduler.serving.BadParameterException;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.Problem;
import io.buildledger.scheduler.serving.TooLateException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
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
record RemoteCall(@Nullable Object id, String method, Map<String, Object> parameters) {

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
    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_REASON = 500;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT =
            new TypeReference<>() {};

    /** Answers the call that a request has in its body, by one of some methods. */
    static ResponseEntity<Map<String, Object>> answer(
            HttpServletRequest request, Map<String, Method> methods)
            throws IOException, InterruptedException {
        RemoteCall call;
        try {
            requireJson(request);
            call = read(request);
            request.setAttribute(ID, call.id());
        } catch (BadParameterException e) {
            return error(null, INVALID_REQUEST, Problem.of(e));
        }
        Method method = methods.get(call.method());
        if (method == null) {
            return error(
                    call.id(),
                    NO_METHOD,
                    new Problem(
                            HttpStatus.NOT_IMPLEMENTED,
                            "method: there is no '%s' here; known are %s"
                                    .formatted(
                                            call.method(),
                                            String.join(", ", new TreeMap<>(methods).keySet()))));
        }
        try {
            Map<String, Object> answer = envelope(call.id());
            answer.put("result", method.call(call));
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

    private static RemoteCall read(HttpServletRequest request) throws IOException {
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
        return new RemoteCall(object.get("id"), method, parameters);
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
        return permit.nameOr(said());
    }

    private String said() {
        for (String name : new String[] {"owner", "username", "requestedBy"}) {
            String text = line(name, LONGEST_NAME);
            if (!text.isEmpty()) {
                return text;
            }
        }
        return "somebody";
    }

    String reason() {
        return line("reason", LONGEST_REASON);
    }

    private String line(String name, int longest) {
        String text = String.valueOf(parameters.getOrDefault(name, "")).strip();
        if (text.length() > longest || text.chars().anyMatch(Character::isISOControl)) {
            throw new BadParameterException(
                    "%s: has more than %d characters, or a control character"
                            .formatted(name, longest));
        }
        return text;
    }

    int number(String name) {
        if (parameters.get(name) instanceof Integer number) {
            return number;
        }
        throw new BadParameterException(name + ": is not a whole number");
    }

    boolean flag(String name) {
        if (parameters.get(name) instanceof Boolean flag) {
            return flag;
        }
        throw new BadParameterException(name + ": is neither true nor false");
    }
}
