<?php

// What both old endpoints share.

declare(strict_types=1);

const REQUIRED = [
    'user_id', 'module_id', 'focused_time', 'unfocused_time', 'total_time', 'focus_percentage',
];

function answer(Closure $save): void
{
    header('Content-Type: application/json');
    try {
        $data = json_decode((string) file_get_contents('php://input'), true);
        foreach (REQUIRED as $name) {
            if (!isset($data[$name])) {
                throw new Exception("Missing required field: $name");
            }
        }
        $database = new PDO(getenv('TRACKING_DB_DSN'), getenv('TRACKING_DB_USER'));
        echo json_encode([
            'success' => true,
            'message' => 'Enhanced tracking data saved successfully',
            'record_id' => $save($database, $data),
            'data_saved' => $data,
        ]);
    } catch (Throwable $error) {
        echo json_encode(['success' => false, 'message' => $error->getMessage()]);
    }
}

function session_data(array $data): string
{
    return json_encode([
        'focus_percentage' => $data['focus_percentage'],
        'focus_sessions' => $data['focus_sessions'] ?? 0,
        'unfocus_sessions' => $data['unfocus_sessions'] ?? 0,
        'timestamp' => $data['timestamp'] ?? date('c'),
    ]);
}
