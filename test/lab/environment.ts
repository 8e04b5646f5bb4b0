/**
 * Makes the functions' files importable outside of Lambda: each builds its own handler when it is
 * loaded, which reads these names. The lab never calls those handlers, it calls the factories.
 * Must be imported before any function.
 */
process.env['TEAL_TABLE'] ??= 'not-used-in-process';
process.env['TEAL_TOPIC_ARN'] ??= 'not-used-in-process';
process.env['TEAL_POINTER_PREFIX'] ??= '/none';
process.env['TEAL_STATE_MACHINE_ARN'] ??=
  'arn:aws:states:us-east-1:000000000000:stateMachine:not-used-in-process';
