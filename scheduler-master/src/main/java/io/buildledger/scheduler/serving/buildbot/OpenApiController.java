package io.buildledger.scheduler.serving.buildbot;

import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Tells programs what they can ask for. */
@RestController
class OpenApiController {

    private final ObjectProvider<RequestMappingHandlerMapping> methods;

    /**
     * @param methods asked for when it is needed: they are known after the controllers
     */
    OpenApiController(
            @Qualifier("requestMappingHandlerMapping")
                    ObjectProvider<RequestMappingHandlerMapping> methods) {
        this.methods = methods;
    }

    @GetMapping("/api/openapi.json")
    Map<String, Object> openApi() {
        return OpenApi.of(methods.getObject().getHandlerMethods());
    }
}
