package io.buildledger.mastering;

import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.ProjectDescription;
import io.buildledger.mastering.PublishedBuilder.Project;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What people are told of a builder, as a row has it. */
record ToldOfBuilder(
        @Nullable String tags,
        @Nullable String description,
        @Nullable String policy,
        @Nullable String project,
        @Nullable String projectDescription,
        @Nullable String projectUrl) {

    private static final ToldOfBuilder NOTHING =
            new ToldOfBuilder(null, null, null, null, null, null);
    private static final JsonMapper JSON = JsonMapper.shared();

    static ToldOfBuilder of(String builder, Descriptions descriptions) {
        BuilderDescription ofBuilder = descriptions.of(builder);
        ProjectDescription ofProject =
                ofBuilder.project() == null
                        ? ProjectDescription.NONE
                        : descriptions
                                .projects()
                                .getOrDefault(ofBuilder.project(), ProjectDescription.NONE);
        return new ToldOfBuilder(
                ofBuilder.tags().isEmpty() ? null : JSON.writeValueAsString(ofBuilder.tags()),
                ofBuilder.description(),
                ofBuilder.policy(),
                ofBuilder.project(),
                ofProject.description(),
                ofProject.url());
    }

    static ToldOfBuilder of(ResultSet row) throws SQLException {
        return new ToldOfBuilder(
                row.getString("tags"),
                row.getString("description"),
                row.getString("policy"),
                row.getString("project"),
                row.getString("project_description"),
                row.getString("project_url"));
    }

    boolean isNothing() {
        return equals(NOTHING);
    }

    List<String> listOfTags() {
        return tags == null ? List.of() : List.of(JSON.readValue(tags, String[].class));
    }

    @Nullable Project toProject() {
        return project == null ? null : new Project(project, projectDescription, projectUrl);
    }
}
