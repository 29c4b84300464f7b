package io.buildledger.scheduler.admitting;

import com.github.benmanes.caffeine.cache.Ticker;
import io.buildledger.configuring.Access.Act;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestRedirectFilter;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.savedrequest.NullRequestCache;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;

/**
 * How people log in, and that nobody sees what they may not. What somebody may ask for is looked at
 * where it is done, by {@link Asker}: it is there that one knows with which builder.
 */
@Configuration(proxyBeanMethods = false)
@EnableWebSecurity
public class AccessConfiguration {

    /** What has nothing of the cluster in it, or its own secrets. */
    private static final String[] FOR_ALL = {
        LoginEnd.PAGE,
        "/login/provider",
        "/error",
        "/*.css",
        "/*.js",
        "/favicon.svg",
        "/webjars/**",
        "/change_hook/**"
    };

    /**
     * @param entryPoint answers who has to log in
     * @param denial answers who may not
     */
    @Bean
    SecurityFilterChain door(
            HttpSecurity http,
            Admission admission,
            ProviderLogin provider,
            AuthenticationEntryPoint entryPoint,
            AccessDeniedHandler denial,
            InstantSource clock) {
        LoginEnd end = new LoginEnd(admission, clock);
        LoginAttempts attempts = new LoginAttempts(Ticker.systemTicker());
        PathPatternRequestMatcher.Builder paths = PathPatternRequestMatcher.withDefaults();
        return http
                // OwnPages and cookies that other sites don't send are in the place of tokens.
                .csrf(AbstractHttpConfigurer::disable)
                // SecurityHeaders are ours, also of what never comes here.
                .headers(AbstractHttpConfigurer::disable)
                .requestCache(cache -> cache.requestCache(new NullRequestCache()))
                .authenticationProvider(new PasswordLogin(admission, attempts))
                .formLogin(form ->
                        form.loginPage(LoginEnd.PAGE)
                                .usernameParameter("name")
                                .passwordParameter("password")
                                .authenticationDetailsSource(request -> sender(request, admission))
                                .successHandler(end)
                                .failureHandler(end))
                .oauth2Login(login ->
                        login.loginPage(LoginEnd.PAGE)
                                .clientRegistrationRepository(provider)
                                .authorizedClientRepository(new NoClientTokens())
                                .authorizationEndpoint(it ->
                                        it.authorizationRequestRepository(new BegunLogins(clock)))
                                .tokenEndpoint(
                                        it -> it.accessTokenResponseClient(provider.tokens()))
                                .userInfoEndpoint(it -> it.oidcUserService(provider))
                                .successHandler(end)
                                .failureHandler(end)
                                .addObjectPostProcessor(tellingWith(end)))
                .logout(logout ->
                        logout.logoutRequestMatcher(paths.matcher(HttpMethod.POST, "/logout"))
                                .logoutSuccessHandler(new LogoutEnd(provider)))
                .exceptionHandling(
                        it -> it.authenticationEntryPoint(entryPoint).accessDeniedHandler(denial))
                .addFilterBefore(
                        new Visitors(admission, entryPoint, clock),
                        AnonymousAuthenticationFilter.class)
                .authorizeHttpRequests(requests ->
                        requests.dispatcherTypeMatchers(
                                        DispatcherType.ASYNC,
                                        DispatcherType.ERROR,
                                        DispatcherType.FORWARD,
                                        DispatcherType.INCLUDE)
                                .permitAll()
                                .requestMatchers(FOR_ALL)
                                .permitAll()
                                .requestMatchers(HttpMethod.POST)
                                .permitAll()
                                .anyRequest()
                                .access(viewers(admission)))
                .build();
    }

    /**
     * From where somebody sends what they log in with. An address, with all that stands in it, is
     * in the logs of whatever is on the way.
     *
     * @throws AuthenticationCredentialsNotFoundException if some of it may be in the address
     */
    private static String sender(HttpServletRequest request, Admission admission) {
        if (request.getQueryString() != null) {
            throw new AuthenticationCredentialsNotFoundException(
                    "a name and a password are taken from the form that is sent, and not from the address: nothing may stand behind /login");
        }
        return admission.addressOf(request);
    }

    /**
     * By itself it answers with an error of the server, also to who asks for no provider of ours.
     */
    private static ObjectPostProcessor<OAuth2AuthorizationRequestRedirectFilter> tellingWith(
            LoginEnd end) {
        return new ObjectPostProcessor<>() {
            @Override
            public <O extends OAuth2AuthorizationRequestRedirectFilter> O postProcess(O filter) {
                filter.setAuthenticationFailureHandler(end::onNotBegun);
                return filter;
            }
        };
    }

    private static AuthorizationManager<RequestAuthorizationContext> viewers(Admission admission) {
        return (shown, _) ->
                new AuthorizationDecision(admission.may(Visitors.of(shown.get()), Act.VIEW));
    }

    /**
     * Names of builders and workers hold whatever they do, and Tomcat and Spring's own mapping know
     * how to take them; what is left is that no path leads out of another.
     */
    @Bean
    HttpFirewall anyName() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setUnsafeAllowAnyHttpMethod(true);
        firewall.setAllowUrlEncodedSlash(true);
        firewall.setAllowUrlEncodedDoubleSlash(true);
        firewall.setAllowUrlEncodedPercent(true);
        firewall.setAllowUrlEncodedPeriod(true);
        firewall.setAllowUrlEncodedCarriageReturn(true);
        firewall.setAllowUrlEncodedLineFeed(true);
        firewall.setAllowUrlEncodedLineSeparator(true);
        firewall.setAllowUrlEncodedParagraphSeparator(true);
        firewall.setAllowBackSlash(true);
        firewall.setAllowSemicolon(true);
        firewall.setAllowNull(true);
        firewall.setAllowedHeaderNames(_ -> true);
        firewall.setAllowedHeaderValues(_ -> true);
        firewall.setAllowedParameterNames(_ -> true);
        firewall.setAllowedParameterValues(_ -> true);
        return firewall;
    }
}
