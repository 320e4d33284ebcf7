import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

/** Fails before the first event. */
public class Throws implements RequestHandler<Object, Object> {
  public Throws() {
    throw new TableMissing("no table name");
  }

  @Override
  public Object handleRequest(Object event, Context context) {
    return event;
  }

  private static class TableMissing extends RuntimeException {
    TableMissing(String message) {
      super(message);
    }
  }
}
