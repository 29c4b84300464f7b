package io.buildledger.scheduler.admitting;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.oidc.OidcScopes;
import org.springframework.security.oauth2.core.oidc.OidcUserInfo;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/**
 * Spring's own provider of OpenID Connect, a server of its own in the process of a test. It is at
 * {@code localhost}, so that its cookies are none of a master's at 127.0.0.1.
 */
final class Provider implements AutoCloseable {

    static final String CLIENT = "the-cluster";
    static final String PASSWORD = "to get in";
    private static final String SECRET = "between the two";

    private static final RSAKey KEY = key();

    /** Has the name of the other, and is not it. */
    private static final RSAKey FORGED = key();

    /** What the provider says in an id token that it should not. */
    volatile Consumer<JwtEncodingContext> lie = _ -> {};

    /** Whether the provider's signature is by a key that it does not publish. */
    volatile boolean forges;

    /** What the provider tells of people if it is asked, beside what the id token says. */
    volatile Map<String, Object> tellsOfAnn = Map.of("groups", List.of("developers"));

    private final String clients;
    private volatile String secret = SECRET;
    private ConfigurableApplicationContext context;

    /**
     * @param clients where those are whom people are sent back to
     */
    Provider(String clients) {
        this.clients = clients;
        context = run(0);
    }

    private static RSAKey key() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair pair = generator.generateKeyPair();
            return new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                    .privateKey(pair.getPrivate())
                    .keyID("the-key")
                    .build();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Not a configuration by itself, so that no scan of a master finds it. */
    @EnableWebSecurity
    @ImportAutoConfiguration({
        TomcatServletWebServerAutoConfiguration.class,
        DispatcherServletAutoConfiguration.class,
        SecurityFilterAutoConfiguration.class
    })
    static class Server {

        @Bean
        SecurityFilterChain door(HttpSecurity http, Provider provider) {
            return http.oauth2AuthorizationServer(server ->
                            server.oidc(oidc ->
                                    oidc.userInfoEndpoint(it ->
                                            it.userInfoMapper(asked ->
                                                    provider.userInfo(
                                                            asked.getAuthorization()
                                                                    .getPrincipalName())))))
                    .oauth2ResourceServer(it -> it.jwt(Customizer.withDefaults()))
                    .authorizeHttpRequests(it -> it.anyRequest().authenticated())
                    .formLogin(Customizer.withDefaults())
                    .build();
        }

        @Bean
        UserDetailsService people() {
            return new InMemoryUserDetailsManager(
                    User.withUsername("4711").password("{noop}" + PASSWORD).build(),
                    User.withUsername("4712").password("{noop}" + PASSWORD).build());
        }

        @Bean
        RegisteredClientRepository clients(Provider provider) {
            return new InMemoryRegisteredClientRepository(
                    RegisteredClient.withId(CLIENT)
                            .clientId(CLIENT)
                            .clientSecret("{noop}" + provider.secret)
                            .clientAuthenticationMethod(
                                    ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                            .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                            .redirectUri(provider.clients + "/login/oauth2/code/oidc")
                            .scope(OidcScopes.OPENID)
                            .scope(OidcScopes.PROFILE)
                            .clientSettings(
                                    ClientSettings.builder()
                                            .requireAuthorizationConsent(false)
                                            .build())
                            .build());
        }

        @Bean
        AuthorizationServerSettings settings() {
            return AuthorizationServerSettings.builder().build();
        }

        @Bean
        JWKSource<SecurityContext> keys() {
            return new ImmutableJWKSet<>(new JWKSet(KEY));
        }

        @Bean
        JwtEncoder encoder(JWKSource<SecurityContext> keys, Provider provider) {
            NimbusJwtEncoder honest = new NimbusJwtEncoder(keys);
            NimbusJwtEncoder forger =
                    new NimbusJwtEncoder(new ImmutableJWKSet<>(new JWKSet(FORGED)));
            return token -> (provider.forges ? forger : honest).encode(token);
        }

        /** For the access tokens by which it is asked who somebody is. */
        @Bean
        JwtDecoder decoder() throws Exception {
            return NimbusJwtDecoder.withPublicKey(KEY.toRSAPublicKey()).build();
        }

        @Bean
        OAuth2TokenCustomizer<JwtEncodingContext> tokens(Provider provider) {
            return token -> {
                if (token.getTokenType().getValue().equals(OidcParameterNames.ID_TOKEN)) {
                    provider.lie.accept(token);
                }
            };
        }
    }

    private OidcUserInfo userInfo(String id) {
        OidcUserInfo.Builder told = OidcUserInfo.builder().subject(id);
        if (id.equals("4711")) {
            told.preferredUsername("ann");
            tellsOfAnn.forEach(told::claim);
        }
        return told.build();
    }

    private ConfigurableApplicationContext run(int port) {
        SpringApplication application = new SpringApplication(Server.class);
        application.setDefaultProperties(
                Map.of(
                        "server.port",
                        port,
                        "server.address",
                        "127.0.0.1",
                        "spring.main.banner-mode",
                        "off"));
        application.addInitializers(starting ->
                ((GenericApplicationContext) starting)
                        .registerBean(
                                Provider.class, () -> this, it -> it.setDestroyMethodName("")));
        // The file of a master's properties is on the class path, and has its cookie's name.
        return application.run("--server.servlet.session.cookie.name=provider");
    }

    private int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    String issuer() {
        return "http://localhost:" + port();
    }

    String secret() {
        return secret;
    }

    /** Is away while something happens. */
    void awayFor(Happening what) throws Exception {
        int port = port();
        context.close();
        try {
            what.happen();
        } finally {
            context = run(port);
        }
    }

    /** Knows its clients by another secret from now on. */
    void change(String other) throws Exception {
        secret = other;
        awayFor(() -> {});
    }

    /** What happens in a test. */
    interface Happening {
        void happen() throws Exception;
    }

    @Override
    public void close() {
        context.close();
    }
}
