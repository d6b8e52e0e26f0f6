<?php

// One of the two endpoints found on deployed sites: every call inserts a row. It knows no key
// and no signature, and answers errors with status 200.

declare(strict_types=1);

require __DIR__ . '/old_site.php';

answer(function (PDO $database, array $data): int {
    $insert = $database->prepare(
        'INSERT INTO eye_tracking_sessions (user_id, module_id, section_id, total_time_seconds,'
        . ' focused_time_seconds, unfocused_time_seconds, session_type, session_data)'
        . ' VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    $insert->execute([
        $data['user_id'], $data['module_id'], $data['section_id'] ?? null,
        (int) $data['total_time'], (int) $data['focused_time'], (int) $data['unfocused_time'],
        $data['session_type'] ?? 'viewing', session_data($data),
    ]);
    return (int) $database->lastInsertId();
});
