/** Where threads wait for each other: completions, wait queues, wake-ups, work items, calls on other CPUs. */

import { type Choice, type Place, texts } from './code.ts';

export function meetings(at: Place): Choice[] {
  const has = (theme: Place['themes'][number]): boolean => at.themes.includes(theme);
  // Handlers may say that something happened, and must not wait for it.
  const waits = at.where === 'handler' ? 1 : 4;
  return [
    ...(has('waiting')
      ? [
          texts(
            3,
            'complete(&done);',
            'complete_all(&done);',
            'reinit_completion(&done);',
            'rcuwait_wake_up(&sleeper);',
          ),
          texts(2, 'wake_up_process(task_of(t0));', 'WRITE_ONCE(flag, true);'),
          texts(
            waits,
            'wait_for_completion(&done);',
            'v = wait_for_completion_timeout(&done, 1);',
            'v = try_wait_for_completion(&done);',
            'v = wait_for_completion_killable(&done);',
            'wait_event(0, flag);',
            'v = wait_event_timeout(0, x == 1, 1);',
            'rcuwait_wait_event(&sleeper, READ_ONCE(flag), TASK_UNINTERRUPTIBLE);',
            'set_current_state(TASK_INTERRUPTIBLE);\nif (!READ_ONCE(flag))\nschedule();\n__set_current_state(TASK_RUNNING);',
            'schedule_timeout(1);',
          ),
        ]
      : []),
    ...(has('work')
      ? [
          texts(
            4,
            'schedule_work(&work);',
            'v = schedule_work(&work);',
            'v = work_pending(&work);',
            'v = cancel_work(&work);',
          ),
          texts(waits, 'flush_work(&work);', 'v = cancel_work_sync(&work);', 'flush_workqueue(system_wq);'),
        ]
      : []),
    ...(has('calls')
      ? [
          texts(
            waits,
            'smp_call_function_single(0, called, NULL, true);',
            'smp_call_function_single(1, called, NULL, true);',
            'on_each_cpu(called, NULL, true);',
            'kick_all_cpus_sync();',
            'preempt_disable();\nsmp_call_function_single(!smp_processor_id(), called, NULL, true);\npreempt_enable();',
          ),
          texts(1, 'v = smp_processor_id();', 'migrate(1);'),
        ]
      : []),
  ];
}
