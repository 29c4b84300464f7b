package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.serving.BadParameterException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What of Buildbot's interface there is not. */
@RestController
class OtherPaths {

    /** Everything that no other method is for. */
    @RequestMapping("/api/v2/**")
    ResponseEntity<Map<String, String>> other(HttpServletRequest request) {
        boolean isRead = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        if (!isRead) {
            throw new BadParameterException("invalid HTTP method, or nothing can be called there");
        }
        return ResponseEntity.status(HttpStatus.NOT_FOUND)
                .contentType(MediaType.APPLICATION_JSON)
                .body(
                        Map.of(
                                "error",
                                "Invalid path: "
                                        + request.getRequestURI().substring("/api/v2/".length())));
    }
}
