package io.buildledger.scheduler.admitting;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

/** Somebody whom a provider of OpenID Connect knows. */
final class ProviderUser extends DefaultOidcUser {

    private static final long serialVersionUID = 1L;

    private final Person person;

    ProviderUser(OidcUser told, Person person) {
        super(told.getAuthorities(), told.getIdToken(), told.getUserInfo());
        this.person = person;
    }

    Person person() {
        return person;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProviderUser user && user.person.equals(person);
    }

    @Override
    public int hashCode() {
        return person.hashCode();
    }
}
