package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.viewing.ClusterNames;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What these controllers alone read from. */
@Configuration(proxyBeanMethods = false)
class BuildbotConfiguration {

    @Bean
    ClusterNames clusterNames(JdbcClient jdbc) {
        return new ClusterNames(jdbc);
    }
}
