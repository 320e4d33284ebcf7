import com.amazonaws.services.lambda.crac.Context;
import com.amazonaws.services.lambda.crac.Core;
import com.amazonaws.services.lambda.crac.Resource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Functions with hooks around a snapshot: which one it is, _HANDLER says. */
public class Hooks implements Resource {
  private static final List<String> ran = new CopyOnWriteArrayList<>();
  private static final String handler = String.valueOf(System.getenv("_HANDLER"));
  // The global context holds its resources weakly.
  private static final Hooks hooks = new Hooks();

  static {
    Core.getGlobalContext().register(hooks);
  }

  @Override
  public void beforeCheckpoint(Context<? extends Resource> context) throws Exception {
    if (handler.endsWith("::beforeThrows")) throw new IllegalStateException("a hook failed on purpose");
    if (handler.endsWith("::around")) note("before", "before the snapshot");
  }

  @Override
  public void afterRestore(Context<? extends Resource> context) throws Exception {
    if (handler.endsWith("::afterThrows")) throw new IllegalStateException("a hook failed on purpose");
    if (handler.endsWith("::around")) note("after", "after the restore");
  }

  public Object around(Object event) {
    return Map.of("hooks", ran);
  }

  public Object beforeThrows(Object event) {
    return event;
  }

  public Object afterThrows(Object event) {
    return event;
  }

  private static void note(String name, String sentence) throws InterruptedException {
    Thread.sleep(600);
    System.out.println("conformance hook " + sentence);
    ran.add(name);
  }
}
