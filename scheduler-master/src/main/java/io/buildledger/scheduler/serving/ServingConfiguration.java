package io.buildledger.scheduler.serving;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.buildledger.artifacts.ArtifactContents;
import io.buildledger.auditing.Audits;
import io.buildledger.auditing.ClaimAudit;
import io.buildledger.auditing.RequestAudit;
import io.buildledger.commanding.TriggeredBuilds;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.scheduling.ForceParameter;
import io.buildledger.locking.LockListing;
import io.buildledger.log.EventLog;
import io.buildledger.log.ReaderLags;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.scheduler.explaining.Explanations;
import io.buildledger.scheduler.explaining.WorkersOfBuilders;
import io.buildledger.scheduler.scheduling.ConfiguredSchedulers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.steplog.StepLogs;
import io.buildledger.viewing.BuildInputs;
import io.buildledger.viewing.BuildSteps;
import io.buildledger.viewing.BuilderStandings;
import io.buildledger.viewing.ChangeGrid;
import io.buildledger.viewing.IndexWalks;
import io.buildledger.viewing.LastResults;
import io.buildledger.viewing.Views;
import java.time.Duration;
import javax.sql.DataSource;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.servlet.resource.ResourceUrlEncodingFilter;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;

/** What the controllers read from. */
@Configuration(proxyBeanMethods = false)
class ServingConfiguration {

    @Bean
    Views views(JdbcClient jdbc) {
        return new Views(jdbc);
    }

    @Bean
    IndexWalks indexWalks(JdbcClient jdbc) {
        return new IndexWalks(jdbc);
    }

    @Bean
    BuilderStandings builderStandings(JdbcClient jdbc) {
        return new BuilderStandings(jdbc);
    }

    @Bean
    LastResults lastResults(JdbcClient jdbc) {
        return new LastResults(jdbc);
    }

    @Bean
    ChangeGrid changeGrid(JdbcClient jdbc) {
        return new ChangeGrid(jdbc);
    }

    @Bean
    BuildInputs buildInputs(Views views, EventLog log) {
        return new BuildInputs(views, log);
    }

    @Bean
    BuildSteps buildSteps(EventLog log) {
        return new BuildSteps(log);
    }

    @Bean
    PublishedBuilders publishedBuilders(JdbcClient jdbc) {
        return new PublishedBuilders(jdbc);
    }

    @Bean
    LockListing lockListing(JdbcClient jdbc) {
        return new LockListing(jdbc);
    }

    @Bean
    RequestAudit requestAudit(EventLog log) {
        return new RequestAudit(log);
    }

    @Bean
    Audits audits(EventLog log, JdbcClient jdbc) {
        return new Audits(log, jdbc);
    }

    @Bean
    ReaderLags readerLags(EventLog log, DataSource dataSource) {
        return new ReaderLags(log, dataSource);
    }

    @Bean
    ClaimAudit claimAudit(JdbcClient jdbc) {
        return new ClaimAudit(jdbc);
    }

    @Bean
    Explanations explanations(
            EventLog log,
            JdbcClient jdbc,
            ConfiguredSchedulers configured,
            SchedulerStatuses statuses,
            WorkersOfBuilders workers) {
        return new Explanations(log, jdbc, configured, statuses, workers);
    }

    @Bean
    WorkersOfBuilders workersOfBuilders(ConfigurationFile file) {
        return new WorkersOfBuilders(file);
    }

    @Bean
    @Fallback
    CommandPatience commandPatience() {
        return new CommandPatience(Duration.ofSeconds(5));
    }

    /** A form's fields tell of what type they are, by the names that a file has for them. */
    @Bean
    JsonMapperBuilderCustomizer formFields() {
        return json ->
                json.addMixIn(ForceParameter.class, Typed.class)
                        .addMixIn(TextPattern.class, Written.class);
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = ForceParameter.Text.class, name = "text"),
        @JsonSubTypes.Type(value = ForceParameter.Whole.class, name = "int"),
        @JsonSubTypes.Type(value = ForceParameter.Flag.class, name = "bool"),
        @JsonSubTypes.Type(value = ForceParameter.Choice.class, name = "choice"),
        @JsonSubTypes.Type(value = ForceParameter.UserName.class, name = "user_name"),
        @JsonSubTypes.Type(value = ForceParameter.Fixed.class, name = "fixed"),
        @JsonSubTypes.Type(value = ForceParameter.Codebase.class, name = "codebase"),
        @JsonSubTypes.Type(value = ForceParameter.Nested.class, name = "nested")
    })
    private interface Typed {}

    private interface Written {
        @JsonValue
        @Override
        String toString();
    }

    @Bean
    ArtifactContents artifactContents(JdbcClient jdbc, ConfigurationFile file) {
        return new ArtifactContents(jdbc, file.artifactDirectory());
    }

    @Bean
    ShownTriggers shownTriggers(EventLog log, Views views) {
        return new ShownTriggers(new TriggeredBuilds(log), views);
    }

    @Bean
    StepLogs stepLogs(JdbcClient jdbc) {
        return new StepLogs(jdbc);
    }

    /**
     * Each link of a page would be looked for among the static resources, which takes two fifths of
     * the time of a long page; none of them has a version in its address.
     */
    @Bean
    FilterRegistrationBean<ResourceUrlEncodingFilter> linksAreWrittenAsTheyAre() {
        FilterRegistrationBean<ResourceUrlEncodingFilter> none =
                new FilterRegistrationBean<>(new ResourceUrlEncodingFilter());
        none.setEnabled(false);
        return none;
    }

    /**
     * A builder's name may hold a slash. Spring splits the path before it decodes it, so an encoded
     * one does no harm.
     */
    @Bean
    TomcatConnectorCustomizer slashesInNames() {
        return connector -> {
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connector.setEncodedReverseSolidusHandling(
                    EncodedSolidusHandling.PASS_THROUGH.getValue());
        };
    }

    /** Added last, so that it is asked before the container's own. */
    @Bean
    WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> refusals(
            SecurityHeaders headers) {
        return server ->
                server.addContextCustomizers(context ->
                        context.getParent().getPipeline().addValve(new Refusals(headers)));
    }

    @Bean
    SmartInitializingSingleton pageViews(ThymeleafViewResolver views) {
        return () -> views.setViewClass(PageView.class);
    }
}
