package io.buildledger.scheduler.serving;

import io.buildledger.artifacts.AbsentArtifactException;
import io.buildledger.artifacts.ArtifactContents;
import io.buildledger.viewing.Views;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * The bytes of artifacts. A browser saves them and runs none of them, whatever a build has made: on
 * this address it would act for whoever looks at it.
 */
@RestController
class ArtifactController {

    private final Views views;
    private final ArtifactContents contents;

    ArtifactController(Views views, ArtifactContents contents) {
        this.views = views;
        this.contents = contents;
    }

    @GetMapping("/artifacts/{builder}/{number}/{*path}")
    ResponseEntity<InputStreamResource> artifact(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("path") String path)
            throws IOException {
        Views.Build build =
                views.build(builder, number)
                        .orElseThrow(() ->
                                new NotThereException(
                                        "there is no build %s/%d".formatted(builder, number)));
        Views.Artifact artifact = StoredArtifacts.require(views, build, path.substring(1));
        try {
            return ResponseEntity.ok()
                    .contentType(MediaType.APPLICATION_OCTET_STREAM)
                    .contentLength(artifact.size())
                    .eTag("\"" + artifact.sha256() + "\"")
                    .header(HttpHeaders.CONTENT_DISPOSITION, attachment(artifact.path()))
                    .header("Content-Security-Policy", "default-src 'none'; sandbox")
                    .body(
                            new InputStreamResource(
                                    contents.open(
                                            artifact.store(),
                                            artifact.location(),
                                            artifact.size())));
        } catch (AbsentArtifactException e) {
            throw new NotThereException(
                    "artifact %s of build %s/%d was stored by master %s, and can't be read here: %s"
                            .formatted(artifact.path(), builder, number, build.master(), e.why()));
        }
    }

    private static String attachment(String path) {
        return ContentDisposition.attachment()
                .filename(path.substring(path.lastIndexOf('/') + 1), StandardCharsets.UTF_8)
                .build()
                .toString();
    }
}
