// Work on many things at once, its results one at a time and in order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

/// How many results may wait for an earlier one, for each thread.
inline constexpr std::size_t most_waiting = 32;

/// Calls `work(i)` for each i below `count` on up to `threads` threads, this one among them, and `take(result)` with
/// what each returns: in the order of i, one at a time, from any of the threads. What has not been taken is bounded by
/// `most_waiting` for each thread, however many there are in all. What `work` or `take` throws ends it all and is
/// thrown again; what was taken until then was in order and without a gap. `threads` is 1 at least.
template <class Work, class Take>
void in_order(std::size_t count, unsigned threads, const Work& work, const Take& take) {
  using result = std::invoke_result_t<const Work&, std::size_t>;
  std::vector<std::optional<result>> waiting(most_waiting * threads);
  std::mutex mutex;  // of all below, and of `waiting`
  std::condition_variable room;
  std::size_t next = 0;
  std::size_t taken = 0;
  std::exception_ptr failure;

  const auto run = [&] {
    std::unique_lock lock(mutex);
    try {
      for (;;) {
        room.wait(lock, [&] { return failure || next == count || next - taken < waiting.size(); });
        if (failure || next == count) return;
        const std::size_t mine = next++;
        lock.unlock();
        result made = work(mine);
        lock.lock();
        waiting[mine % waiting.size()] = std::move(made);
        // Who takes has emptied its place and not counted it yet, so that no other comes past it.
        while (taken < next && waiting[taken % waiting.size()]) {
          result first = *std::exchange(waiting[taken % waiting.size()], std::nullopt);
          lock.unlock();
          take(std::move(first));
          lock.lock();
          ++taken;
          room.notify_all();
        }
      }
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      if (!failure) failure = std::current_exception();
      room.notify_all();
    }
  };

  std::vector<std::thread> others;
  others.reserve(threads);
  try {
    while (others.size() + 1 < threads && others.size() + 1 < count) others.emplace_back(run);
  } catch (const std::system_error&) {
    // The system gives no more threads: those that there are do it.
  }
  run();
  for (std::thread& one : others) one.join();
  if (failure) std::rethrow_exception(failure);
}
