package io.buildledger.steps;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** Reads the beginning of an answer; the rest of a longer one does not even cross the network. */
final class BoundedBody implements BodySubscriber<BoundedBody.Beginning> {

    /**
     * @param isAll whether there is no more
     */
    record Beginning(ByteBuffer bytes, boolean isAll) {}

    private final int most;
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();
    private final CompletableFuture<Beginning> beginning = new CompletableFuture<>();
    private @Nullable Subscription subscription;

    /**
     * @param most in bytes
     */
    BoundedBody(int most) {
        this.most = most;
    }

    @Override
    public CompletionStage<Beginning> getBody() {
        return beginning;
    }

    @Override
    public void onSubscribe(Subscription toBody) {
        subscription = toBody;
        toBody.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            byte[] bytes = new byte[Math.min(buffer.remaining(), most - read.size())];
            buffer.get(bytes);
            read.writeBytes(bytes);
            if (buffer.hasRemaining()) {
                end(false);
                if (subscription != null) {
                    subscription.cancel();
                }
                return;
            }
        }
        if (subscription != null) {
            subscription.request(1);
        }
    }

    private void end(boolean isAll) {
        boolean _ = beginning.complete(new Beginning(ByteBuffer.wrap(read.toByteArray()), isAll));
    }

    @Override
    public void onError(Throwable failure) {
        boolean _ = beginning.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        end(true);
    }
}
