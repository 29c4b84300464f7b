package io.buildledger.scheduler.serving.buildbot;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.core.util.Separators.Spacing;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * An answer has a line for each field where it is not JSON that is asked for: people read it then,
 * and so do scripts that look for lines.
 */
@RestControllerAdvice(basePackageClasses = IndentedAnswers.class)
class IndentedAnswers implements ResponseBodyAdvice<Object> {

    private final ObjectWriter indented;

    IndentedAnswers(JsonMapper json) {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        Separators separators =
                Separators.createDefaultInstance()
                        .withObjectNameValueSpacing(Spacing.AFTER)
                        .withObjectEmptySeparator("")
                        .withArrayEmptySeparator("");
        indented =
                json.writer()
                        .with(
                                new DefaultPrettyPrinter(separators)
                                        .withObjectIndenter(lines)
                                        .withArrayIndenter(lines));
    }

    /** What is written already. */
    private record Written(@JsonValue @JsonRawValue String json) {}

    @Override
    public boolean supports(
            MethodParameter method, Class<? extends HttpMessageConverter<?>> converter) {
        return method.getParameterType() == Answer.class;
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object body,
            MethodParameter method,
            MediaType type,
            Class<? extends HttpMessageConverter<?>> converter,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        response.getHeaders().add(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        boolean isJson =
                request.getHeaders().getOrEmpty(HttpHeaders.ACCEPT).stream()
                        .anyMatch(it -> it.contains(MediaType.APPLICATION_JSON_VALUE));
        return isJson ? body : new Written(indented.writeValueAsString(body));
    }
}
