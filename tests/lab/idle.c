/* Preloaded into the lab's kernel: where it has nothing to do until its next timer, it does not wait for it, its clock
 * goes there. So a story of a minute takes what its programs work, and inside nothing can tell the difference: every
 * clock and timer of that kernel, and of all that runs in it, comes from the one clock here. While it works, its time
 * is this machine's. User-mode Linux has that itself (time-travel), but Debian's is built without it. Source:
 * arch/um/os-Linux/time.c, os_idle_sleep(): with SIGALRM blocked, a look at the one timer, then sigsuspend().
 *
 * And it has nothing that wakes it from a suspend but a signal from outside (arch/um/kernel/um_arch.c). That comes from
 * here, as many seconds after it next has nothing to do as a file tells that its scenario wrote: $WAKE_AFTER. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
/* Less than that a sleep and a wake-up cost anyway. */
#define SHORT 50000

static long long ahead;   /* of this machine's clock, ns */
static long long wake_at; /* ns of its own clock; 0: nobody asked */
static timer_t alarm_timer;
static int has_timer;
static const struct itimerspec at_once = {.it_value = {.tv_nsec = 1}};
static int (*get_clock)(clockid_t, struct timespec *);
static int (*set_timer)(timer_t, int, const struct itimerspec *, struct itimerspec *);
static int (*wait_for_signal)(const sigset_t *);

__attribute__((constructor)) static void find_next(void) {
  get_clock = dlsym(RTLD_NEXT, "clock_gettime");
  set_timer = dlsym(RTLD_NEXT, "timer_settime");
  wait_for_signal = dlsym(RTLD_NEXT, "sigsuspend");
}

static long long ns_of(const struct timespec *time) { return time->tv_sec * SECOND + time->tv_nsec; }

int clock_gettime(clockid_t clock, struct timespec *now) {
  int code = get_clock(clock, now);
  if (code == 0 && (clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME)) {
    long long ns = ns_of(now) + ahead;
    now->tv_sec = ns / SECOND;
    now->tv_nsec = ns % SECOND;
  }
  return code;
}

int timer_settime(timer_t timer, int flags, const struct itimerspec *set, struct itimerspec *was) {
  alarm_timer = timer;
  has_timer = 1;
  return set_timer(timer, flags, set, was);
}

/* How many seconds its scenario asked for, once; 0: it did not. No stdio: what that allocates is not of this kernel. */
static int asked(void) {
  char text[16] = "";
  int file = open(getenv("WAKE_AFTER"), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  if (read(file, text, sizeof text - 1) > 0) unlink(getenv("WAKE_AFTER"));
  close(file);
  return atoi(text);
}

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return ns_of(&now);
}

/* How far the clock goes on, ns, where so much is left until the timer (0: none is set). Wakes, if it is time to. */
static long long leap_of(long long left) {
  int seconds = wake_at ? 0 : asked();
  if (seconds) wake_at = now_ns() + seconds * SECOND;
  if (wake_at == 0) return left;
  long long awake = wake_at - now_ns();
  if (awake > 0) return left && left < awake ? left : awake;
  wake_at = 0;
  raise(SIGUSR1);
  /* That is heard by now: something must end the wait that comes. */
  set_timer(alarm_timer, 0, &at_once, NULL);
  return 0;
}

int sigsuspend(const sigset_t *mask) {
  struct itimerspec left;
  if (has_timer && timer_gettime(alarm_timer, &left) == 0) {
    long long ns = leap_of(ns_of(&left.it_value));
    if (ns > SHORT) {
      ahead += ns;
      set_timer(alarm_timer, 0, &at_once, NULL);
    }
  }
  return wait_for_signal(mask);
}
