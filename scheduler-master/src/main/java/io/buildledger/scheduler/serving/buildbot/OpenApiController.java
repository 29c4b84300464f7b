package io.buildledger.scheduler.serving.buildbot;

import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.json.JsonMapper;

/** Tells programs what they can ask for. */
@RestController
class OpenApiController {

    private final SingletonSupplier<Map<String, Object>> document;

    /**
     * @param methods asked for when it is needed: they are known after the controllers
     */
    OpenApiController(
            @Qualifier("requestMappingHandlerMapping")
                    ObjectProvider<RequestMappingHandlerMapping> methods,
            JsonMapper json) {
        this.document =
                SingletonSupplier.of(
                        () -> OpenApi.of(methods.getObject().getHandlerMethods(), json));
    }

    /** It is JSON whatever is accepted: its name says so. */
    @GetMapping("/api/openapi.json")
    ResponseEntity<Map<String, Object>> openApi() {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(document.obtain());
    }
}
