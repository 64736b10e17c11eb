// SPDX-License-Identifier: Apache-2.0
#include "bridge/pacemaker/pacemaker_thread.hpp"

#include <glib.h>
#include <pthread.h>
#include <signal.h>

#include <memory>
#include <utility>

namespace bridge::pacemaker {

namespace {

gboolean run_task(gpointer data) {
    (*static_cast<pacemaker_thread::task*>(data))();
    return G_SOURCE_REMOVE;
}

void free_task(gpointer data) {
    delete static_cast<pacemaker_thread::task*>(data);
}

/// Signals belong to the daemon's own thread.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

} // namespace

pacemaker_thread::pacemaker_thread(task begin, task end)
    : loop_(g_main_loop_new(g_main_context_default(), FALSE)),
      thread_([begin = std::move(begin), end = std::move(end), loop = loop_] {
          block_signals();
          GMainContext* context = g_main_context_default();
          g_main_context_acquire(context);
          begin();
          g_main_loop_run(loop);
          end();
          g_main_context_release(context);
      }) {}

pacemaker_thread::~pacemaker_thread() {
    post([loop = loop_] { g_main_loop_quit(loop); });
    thread_.join();
    g_main_loop_unref(loop_);
}

void pacemaker_thread::post(task work) {
    // Not g_main_context_invoke: as long as the thread does not own the context yet it would run
    // `work` here.
    GSource* source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, run_task, new task(std::move(work)), free_task);
    g_source_attach(source, g_main_context_default());
    g_source_unref(source);
}

} // namespace bridge::pacemaker
