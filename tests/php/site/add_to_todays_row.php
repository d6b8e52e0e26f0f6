<?php

// The other endpoint found on deployed sites: it adds the posted times to today's row of the
// student and section. It knows no key and no signature, and answers errors with status 200.

declare(strict_types=1);

require __DIR__ . '/old_site.php';

answer(function (PDO $database, array $data): int {
    $today = $database->prepare(
        'SELECT id FROM eye_tracking_sessions WHERE user_id = ? AND module_id = ?'
        . ' AND section_id <=> ? AND DATE(created_at) = CURDATE()',
    );
    $today->execute([$data['user_id'], $data['module_id'], $data['section_id'] ?? null]);
    $id = $today->fetchColumn();
    if ($id === false) {
        $insert = $database->prepare(
            'INSERT INTO eye_tracking_sessions (user_id, module_id, section_id) VALUES (?, ?, ?)',
        );
        $insert->execute([$data['user_id'], $data['module_id'], $data['section_id'] ?? null]);
        $id = $database->lastInsertId();
    }
    $add = $database->prepare(
        'UPDATE eye_tracking_sessions SET total_time_seconds = total_time_seconds + ?,'
        . ' focused_time_seconds = focused_time_seconds + ?,'
        . ' unfocused_time_seconds = unfocused_time_seconds + ?, session_data = ? WHERE id = ?',
    );
    $add->execute([
        (int) $data['total_time'], (int) $data['focused_time'], (int) $data['unfocused_time'],
        session_data($data), $id,
    ]);
    return (int) $id;
});
