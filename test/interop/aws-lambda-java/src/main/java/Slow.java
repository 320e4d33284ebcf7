import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

/** Takes longer to load than Init may. */
public class Slow implements RequestHandler<Object, Object> {
  public Slow() throws InterruptedException {
    Thread.sleep(12_000);
  }

  @Override
  public Object handleRequest(Object event, Context context) {
    return event;
  }
}
