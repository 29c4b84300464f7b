package io.buildledger.scheduler.commandline;

import java.util.Map;
import java.util.TreeMap;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Stands where changes are taken in, and keeps the form that was sent last; who sent it, without a
 * name.
 */
class SentForms {

    static final Map<String, String> LAST = new TreeMap<>();

    @Bean
    RouterFunction<ServerResponse> changeHook() {
        return RouterFunctions.route(
                RequestPredicates.POST("/change_hook/base"),
                request -> {
                    LAST.clear();
                    LAST.putAll(request.params().toSingleValueMap());
                    request.headers().header("Authorization").forEach(it -> LAST.put("", it));
                    return ServerResponse.ok().body(Map.of("changeId", 17));
                });
    }
}
